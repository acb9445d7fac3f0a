using CsCheck;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Kernel.Tests.Scanning;

namespace ForkGuard.Kernel.Tests.Procfs;

public sealed class ArbitraryBytesTests
{
    private static readonly string[] Parts =
    [
        "7f00-8f00 rw-p 00000000 00:00 0 \n",
        "VmFlags: ac\n",
        "MemTotal: 1 kB\n",
        "1 (a) S ",
        "0::/x\n",
        "3:cpu,pids:/x\n",
        "State:\tZ\n",
        "NSpid:\t1 1\n",
        "Max processes ",
        "max 1\n",
        "pid:[1]",
        "-",
        " ",
        "\0",
        "(1, 2)",
    ];

    private static readonly Gen<byte[]> Garbage = Gen.OneOf(
        Gen.Byte.Array[0, 200],
        Gen.Int[0, Parts.Length - 1]
            .Select(i => Parts[i])
            .Array[0, 12]
            .Select(parts => System.Text.Encoding.Latin1.GetBytes(string.Concat(parts)))
    );

    [Fact]
    public void No_bytes_make_a_parser_throw() =>
        Garbage.Sample(
            bytes =>
            {
                _ = Statm.TryParseSize(bytes, out _);
                _ = ProcessStat.TryParse(bytes, out _);
                _ = MapsEntry.TryParse(bytes, out _);
                _ = VmFlagsLine.TryParse(bytes, out _);
                _ = Meminfo.TryParse(bytes, out _);
                _ = KernelRelease.TryParse(bytes, out _);
                _ = FreeMemoryHeuristic.TryParseAvailable(bytes, out _);
                _ = FreeMemoryHeuristic.TryParseReserve(bytes, out _);
                _ = Capabilities.TryParseEffective(bytes, out _);
                _ = CgroupMembership.Parse(bytes);
                _ = CgroupNumber.Parse(bytes, ulong.MaxValue);
                _ = CgroupRoot.TryFindPath(bytes, "pids"u8, out _);
                _ = StatusFile.TryParse(bytes, out _);
                _ = ProcessFactsReader.TryParseProcessLimit(bytes, out _);
                _ = DeadlineThreadsReader.PolicyOf(bytes);
                _ = NodeTasks.TryParseTasks(bytes, out _, out _);
                _ = RefusedForks.TryParseMax(bytes, out _);
                _ = ProcessLinks.TryParse(bytes, out _);
            },
            iter: 20_000
        );

    [Fact]
    public void No_captured_process_makes_the_inspector_throw_or_calls_what_it_cannot_read_fine() =>
        Gen.Select(Garbage, Garbage, Garbage)
            .Sample(
                (maps, smaps, stat) =>
                {
                    using var captured = new CapturedProc();
                    captured.AddProcess(
                        7,
                        new CapturedProcess
                        {
                            SizePages = captured.LimitPages + 1,
                            MapsBytes = maps,
                            SmapsBytes = smaps,
                            StatBytes = stat,
                        }
                    );

                    var reading = captured.Inspect(7);

                    Assert.True(
                        reading.Status == ReadStatus.Ok
                            || reading.Assessment.Verdict is Verdict.Unknown or Verdict.CanFork,
                        $"{reading}"
                    );
                    Assert.False(
                        reading.Status != ReadStatus.Ok
                            && reading.Source == ReadingSource.Statm
                            && reading.Assessment.Verdict == Verdict.CanFork,
                        $"{reading}"
                    );
                },
                iter: 500
            );
}
