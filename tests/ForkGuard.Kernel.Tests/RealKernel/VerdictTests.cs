using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>Section 9 of the specification: what the rule says and what fork really did, on this kernel and in its mode.</summary>
[Trait("Needs", "Machine")]
public sealed class VerdictTests
{
    private const long Mebibyte128 = (128L << 20) / 4096;
    private const long Gibibyte50 = (50L << 30) / 4096;

    public static TheoryData<string, string, bool> Rows()
    {
        var rows = new TheoryData<string, string, bool>();
        foreach (
            var layout in (string[])
                [
                    VictimLayout.Merged,
                    VictimLayout.OneMapping,
                    VictimLayout.WipeOnFork,
                    VictimLayout.WrittenReadOnly,
                    VictimLayout.WrittenNone,
                    VictimLayout.Mremap,
                    VictimLayout.Brk,
                    VictimLayout.Memfd,
                    VictimLayout.MprotectPieces,
                ]
        )
        {
            rows.Add(layout, "L", false);
            rows.Add(layout, "L+1", true);
        }

        foreach (
            var layout in (string[])
                [
                    VictimLayout.Idle,
                    VictimLayout.Scattered,
                    VictimLayout.NoReserve,
                    VictimLayout.DontFork,
                    VictimLayout.DontForkMiddle,
                    VictimLayout.Reserved,
                    VictimLayout.Shared,
                    VictimLayout.ReadOnly,
                ]
        )
        {
            rows.Add(layout, "L", false);
            rows.Add(layout, "L+1", layout == VictimLayout.ReadOnly && IsBefore6_7());
        }

        rows.Add(VictimLayout.Mremap, "L+1000", true);
        rows.Add(VictimLayout.Reserved, "2L", false);
        rows.Add(VictimLayout.NoReserve, "50GiB", false);
        rows.Add(VictimLayout.Scattered, "1024x128MiB", false);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task The_verdict_is_what_fork_does(string layout, string size, bool isRefusedInMode0)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(layout, PagesOf(size), cancellationToken: cancellation);
        if (victim.BuildFailure is { } errno)
        {
            // Strict mode refuses the layout itself, which then has no fork to judge.
            Assert.Equal((OvercommitMode.Strict, Errno.NoMemory), (Live.State().Mode, errno));
            return;
        }

        var reading = Live.Inspect(victim.Pid);
        var forked = await victim.ForkAsync(cancellation);

        Assert.Equal(ReadStatus.Ok, reading.Status);
        switch (Live.State().Mode)
        {
            case OvercommitMode.Heuristic:
                Assert.Equal(isRefusedInMode0 ? Errno.NoMemory : Errno.None, forked);
                Assert.Equal(
                    isRefusedInMode0 ? ForkVerdict.CannotFork : ForkVerdict.CanFork,
                    reading.Assessment.Verdict
                );
                Assert.True(reading.Assessment.IsExact);
                break;
            case OvercommitMode.Always:
                Assert.Equal((Errno.None, ForkVerdict.NotApplicable), (forked, reading.Assessment.Verdict));
                break;
            default:
                Assert.True(
                    !reading.Assessment.IsExact
                        || (reading.Assessment.Verdict == ForkVerdict.CannotFork) == (forked == Errno.NoMemory),
                    $"fork gave {forked}, the verdict was {reading}"
                );
                break;
        }
    }

    [Theory]
    [InlineData(VictimLayout.OneMapping)]
    [InlineData(VictimLayout.Mremap)]
    [InlineData(VictimLayout.WrittenNone)]
    public async Task The_mapping_told_is_the_one_that_is_too_large(string layout)
    {
        await using var victim = await Victim.StartAsync(
            layout,
            MemoryLimit.Pages() + 1,
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.SkipWhen(
            victim.BuildFailure is not null || Live.State().Mode != OvercommitMode.Heuristic,
            "only mode 0 judges the largest mapping"
        );

        var mapping = Live.Inspect(victim.Pid).Mapping;

        Assert.Equal((victim.Range.Start, victim.Range.End), (mapping.Start, mapping.End));
        Assert.Equal(layout != VictimLayout.WrittenNone, mapping.IsWritable);
    }

    [Fact]
    public async Task Madvise_makes_it_fork_again_and_back_though_the_ranges_stay()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() + 1,
            cancellationToken: cancellation
        );
        Assert.SkipWhen(
            victim.BuildFailure is not null || Live.State().Mode != OvercommitMode.Heuristic,
            "only mode 0 refuses one large mapping"
        );
        Assert.Equal(ForkVerdict.CannotFork, Live.Inspect(victim.Pid).Assessment.Verdict);

        await victim.DontForkAsync(cancellation);
        Assert.Equal(
            (ForkVerdict.CanFork, Errno.None),
            (Live.Inspect(victim.Pid).Assessment.Verdict, await victim.ForkAsync(cancellation))
        );

        await victim.DoForkAsync(cancellation);
        Assert.Equal(
            (ForkVerdict.CannotFork, Errno.NoMemory),
            (Live.Inspect(victim.Pid).Assessment.Verdict, await victim.ForkAsync(cancellation))
        );
    }

    [Fact]
    public async Task What_does_not_copy_the_memory_is_never_refused()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() + 1,
            cancellationToken: cancellation
        );
        Assert.SkipWhen(victim.BuildFailure is not null, "strict mode grants no mapping of that size");

        Assert.Equal(
            (Errno.None, Errno.None, Errno.None),
            (
                await victim.VforkAsync(cancellation),
                await victim.SpawnAsync(cancellation),
                await victim.ThreadAsync(cancellation)
            )
        );
    }

    private static long PagesOf(string size) =>
        size switch
        {
            "L" => MemoryLimit.Pages(),
            "L+1" => MemoryLimit.Pages() + 1,
            "L+1000" => MemoryLimit.Pages() + 1000,
            "2L" => MemoryLimit.Pages() * 2,
            "50GiB" => Gibibyte50,
            _ => 1024 * Mebibyte128,
        };

    private static bool IsBefore6_7() => Live.State().Release is { Major: < 6 } or { Major: 6, Minor: < 7 };
}
