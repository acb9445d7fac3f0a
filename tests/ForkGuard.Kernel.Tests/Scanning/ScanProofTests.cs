using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Scanning;

/// <summary>
/// What a scanner keeps over scans hides no process at the report level, however low that is, while mappings grow or appear.
/// </summary>
public sealed class ScanProofTests : IDisposable
{
    private const int Scans = 10;
    private const ulong PageKilobytes = 4;
    private const ulong MemTotal = 4 << 20;
    private const ulong CommitLimit = 3 << 20;

    private static readonly int[] ReportLevels = [1, 2, 5, 10, 20, 45];
    private static readonly string[] Flags = ["rd wr ac", "rd wr nr", "rd wr ac dc"];

    private readonly CapturedProc _captured = new();
    private readonly List<CapturedArea>[] _areas =
    [
        [],
        [],
        [],
        [],
        [],
    ];
    private ulong _nextPage = 1 << 24;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_scan_finds_every_process_at_the_report_level(int seed)
    {
        var random = new Random(seed);
        var mode = random.Next(2) == 0 ? OvercommitMode.Heuristic : OvercommitMode.Strict;
        var report = ReportLevels[random.Next(ReportLevels.Length)];
        var levels = new ScanLevels(report, report + random.Next(50));
        using var scanner = new ProcessScanner(_captured.Root, maxHeld: 3) { TrustsCommitted = random.Next(2) == 0 };
        var now = CapturedProc.Noon;
        foreach (var areas in _areas)
        {
            AddArea(areas, random);
        }

        for (var scan = 0; scan < Scans; scan++)
        {
            Write(mode);
            List<ProcessReading> found = [];
            scanner.Scan(
                _captured.State,
                mode,
                levels,
                now += TimeSpan.FromSeconds(15),
                found,
                TestContext.Current.CancellationToken
            );
            for (var index = 0; index < _areas.Length; index++)
            {
                var pid = 100 + index;
                var truth = Truth(mode, _areas[index]);
                var reading = found
                    .Where(reading => reading.Pid == pid)
                    .Select(r => (ProcessReading?)r)
                    .SingleOrDefault();
                Assert.True(
                    truth < report || reading is not null,
                    $"scan {scan}, {mode}, {levels}: process {pid} at {truth} % was not found"
                );
                Assert.True(
                    reading is null
                        || (
                            reading.Value.Assessment.IsBound
                                ? reading.Value.Assessment.Percent >= truth
                                : reading.Value.Assessment.Percent == truth
                        ),
                    $"scan {scan}, {mode}, {levels}: process {pid} at {truth} % was found at {reading?.Assessment}"
                );
            }

            if (random.Next(2) == 0)
            {
                Change(_areas[random.Next(_areas.Length)], random);
            }
        }
    }

    public void Dispose() => _captured.Dispose();

    private void Change(List<CapturedArea> areas, Random random)
    {
        if (random.Next(3) == 0)
        {
            AddArea(areas, random);
            return;
        }

        var index = random.Next(areas.Count);
        areas[index] = areas[index] with { Pages = areas[index].Pages + (ulong)random.Next(1, 40_000) };
    }

    private void AddArea(List<CapturedArea> areas, Random random)
    {
        areas.Add(new CapturedArea(_nextPage, (ulong)random.Next(1, 200_000), Flags[random.Next(Flags.Length)]));
        areas.Sort(static (a, b) => a.FirstPage.CompareTo(b.FirstPage));
        // Nothing grows into another one.
        _nextPage += 1 << 22;
    }

    private void Write(OvercommitMode mode)
    {
        _captured.WriteSystem("sys/vm/overcommit_memory", mode == OvercommitMode.Strict ? "2\n" : "0\n");
        _captured.WriteSystem(
            "meminfo",
            $"MemTotal: {MemTotal} kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nCommitLimit: {CommitLimit} kB\nCommitted_AS: {Committed} kB\n"
        );
        for (var index = 0; index < _areas.Length; index++)
        {
            _captured.AddProcess(100 + index, new CapturedProcess { Areas = _areas[index], StartTime = 5000 });
        }
    }

    // Memory with MADV_DONTFORK is committed, but a fork charges nothing for it.
    private ulong Committed =>
        (ulong)_areas.SelectMany(areas => areas).Where(IsCommitted).Sum(area => (long)area.Pages) * PageKilobytes;

    private int Truth(OvercommitMode mode, List<CapturedArea> areas)
    {
        var charged = areas.Where(area => IsCommitted(area) && !area.Flags.Contains("dc", StringComparison.Ordinal));
        var charge = new ProcessCharge
        {
            Largest = charged.Select(area => area.Pages).DefaultIfEmpty(0UL).Max() * PageKilobytes * 1024,
            Sum = (ulong)charged.Sum(area => (long)area.Pages) * PageKilobytes * 1024,
            TotalVm = (ulong)areas.Sum(area => (long)area.Pages) * PageKilobytes * 1024,
        };
        return AccountingRule.Evaluate(_captured.State, mode, charge).Percent;
    }

    private static bool IsCommitted(CapturedArea area) => area.Flags.Contains("ac", StringComparison.Ordinal);
}
