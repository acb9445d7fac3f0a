using System.Globalization;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Scanning;

/// <summary>What one scan may cost, and what becomes of the processes it leaves out.</summary>
public sealed class ScanBudgetTests : IDisposable
{
    private const int Level = 60;
    private const ulong Limit = 1 << 20;
    private const ulong GibibyteInPages = 1 << 18;

    private static readonly ScanBudget OnlySmaps = new() { Maps = TimeSpan.FromDays(1) };

    private readonly CapturedProc _captured = new();
    private readonly List<ProcessReading> _found = [];
    private DateTimeOffset _now = CapturedProc.Noon;

    public void Dispose() => _captured.Dispose();

    [Fact]
    public void One_pod_gets_its_share_and_the_rest_is_bounded_until_later_scans()
    {
        AddAll(100, 6);
        using var scanner = ScannerOf(OnlySmaps, TimeSpan.FromMilliseconds(20), _ => 1);

        Assert.Equal((3, 3), Reads(scanner));
        Assert.Equal(3, _found.Count(r => r is { Source: ReadingSource.Maps, Assessment.IsBound: true }));
        Assert.All(_found, r => Assert.Equal(Limit << 12, r.Assessment.Used));
        Assert.Equal((2, 1), Reads(scanner));
        Assert.Equal((1, 0), Reads(scanner));
        Assert.All(_found, r => Assert.False(r.Assessment.IsBound));
    }

    [Fact]
    public void All_pods_together_get_a_quarter_of_a_second()
    {
        AddAll(100, 40);
        using var scanner = ScannerOf(OnlySmaps, TimeSpan.FromMilliseconds(20), pid => (ulong)pid);

        Assert.Equal((13, 27), Reads(scanner));
    }

    [Fact]
    public void Without_a_pod_each_process_has_a_budget_of_its_own()
    {
        AddAll(100, 6);
        using var scanner = ScannerOf(OnlySmaps, TimeSpan.FromMilliseconds(20), podOf: null);

        Assert.Equal((6, 0), Reads(scanner));
    }

    [Fact]
    public void All_scanners_of_a_node_share_the_time()
    {
        AddAll(100, 40);
        var budget = new ReadBudget(OnlySmaps, pid => (ulong)pid);
        using var first = ScannerOf(budget, TimeSpan.FromMilliseconds(20));
        using var second = ScannerOf(budget, TimeSpan.FromMilliseconds(20));
        Reads(first);

        Assert.Equal((0, 40), Reads(second, later: TimeSpan.Zero));
        Assert.Null(Remeasure(second, 100));
    }

    [Fact]
    public void Measuring_again_takes_the_time_of_the_pod()
    {
        AddAll(100, 2);
        using var scanner = ScannerOf(OnlySmaps, TimeSpan.FromMilliseconds(30), _ => 1);
        while (Reads(scanner).LeftOut > 0) { }
        Reads(scanner);

        Assert.NotNull(Remeasure(scanner, 100));
        Assert.NotNull(Remeasure(scanner, 101));
        Assert.Null(Remeasure(scanner, 100));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(200)]
    [InlineData(1200)]
    public void What_was_measured_again_is_kept_until_the_time_is_paid_off(int milliseconds)
    {
        AddAll(100, 1);
        using var scanner = ScannerOf(OnlySmaps, TimeSpan.FromMilliseconds(milliseconds), _ => 1);
        var measured = 0;
        for (var scan = 0; scan < 60; scan++)
        {
            Reads(scanner);
            var reading = Assert.Single(_found);
            Assert.False(reading.Assessment.IsBound);
            measured += !reading.IsKept || Remeasure(scanner, 100) is not null ? 1 : 0;
        }

        Assert.InRange(measured, 2, 60);
    }

    [Fact]
    public void A_process_is_measured_beside_one_of_its_pod_that_is_measured_again_and_again()
    {
        AddAll(100, 1);
        using var scanner = ScannerOf(OnlySmaps, TimeSpan.FromMilliseconds(99), _ => 1);
        Reads(scanner);
        AddAll(101, 1, resident: 4 * GibibyteInPages);
        var scans = 0;
        do
        {
            Reads(scanner);
            Remeasure(scanner, 100);
        } while (_found.Single(reading => reading.Pid == 101).Assessment.IsBound && ++scans < 10);

        Assert.InRange(scans, 1, 9);
        Reads(scanner);
        Reads(scanner);
        Assert.NotNull(Remeasure(scanner, 100));
    }

    [Fact]
    public void After_a_scan_that_had_no_time_to_measure_again_half_of_it_is_kept()
    {
        AddAll(100, 40);
        using var scanner = ScannerOf(OnlySmaps, TimeSpan.FromMilliseconds(20), pid => (ulong)pid);
        Assert.Equal((13, 27), Reads(scanner));
        Assert.Null(Remeasure(scanner, 100));

        Assert.Equal((6, 21), Reads(scanner));
        Assert.NotNull(Remeasure(scanner, 100));
        Assert.Equal((13, 8), Reads(scanner));
    }

    /// <summary>3 GiB in RAM are predicted to take 48 ms.</summary>
    [Fact]
    public void The_pages_in_RAM_predict_the_cost_before_the_first_read()
    {
        AddAll(100, 2, resident: 3 * GibibyteInPages);
        using var scanner = ScannerOf(OnlySmaps, TimeSpan.FromMilliseconds(10), _ => 1);

        Assert.Equal((1, 1), Reads(scanner));
    }

    [Fact]
    public void A_process_that_costs_more_than_a_budget_is_read_and_paid_off_by_later_scans()
    {
        AddAll(100, 1, resident: 64 * GibibyteInPages);
        AddAll(101, 1);
        using var scanner = ScannerOf(OnlySmaps, TimeSpan.FromMilliseconds(600), pid => (ulong)pid);

        Assert.Equal((1, 1), Reads(scanner));
        Assert.Equal((0, 1), Reads(scanner));
        Assert.Equal((1, 0), Reads(scanner));
    }

    [Fact]
    public void Who_was_at_risk_is_read_before_larger_reservations()
    {
        AddAll(100, 5, flags: "nr", pages: Limit * 8);
        AddAll(200, 1);
        using var scanner = ScannerOf(OnlySmaps, TimeSpan.FromMilliseconds(100), pid => (ulong)pid);
        while (Reads(scanner).LeftOut > 0) { }

        Assert.Equal([200], _found.Select(r => r.Pid));
        for (var scan = 0; scan < 3; scan++)
        {
            Reads(scanner);
        }

        AddAll(100, 5, flags: "nr", pages: (Limit * 8) - 1);
        AddAll(200, 1, pages: Limit - 1);
        Reads(scanner);

        Assert.False(_found.Single(r => r.Pid == 200).Assessment.IsBound);
    }

    [Fact]
    public void Maps_has_a_budget_too_and_every_process_its_turn()
    {
        AddAll(100, 9, flags: "ac", pages: Limit / 4);
        using var scanner = ScannerOf(
            new ScanBudget { Maps = TimeSpan.FromMilliseconds(30) },
            TimeSpan.FromMilliseconds(10),
            podOf: null
        );

        HashSet<int> read = [];
        for (var scan = 0; scan < 3; scan++)
        {
            Reads(scanner, new ScanLevels(10, Level));
            Assert.Equal(9, _found.Count);
            Assert.Equal([.. Enumerable.Range(100, 9)], _found.Select(r => r.Pid));
            read.UnionWith(_found.Where(r => r.Source == ReadingSource.Maps).Select(r => r.Pid));
        }

        Assert.Equal(9, read.Count);
    }

    [Fact]
    public void A_pod_is_asked_for_once_and_only_of_processes_whose_smaps_matters()
    {
        AddAll(100, 1);
        AddAll(101, 1, pages: Limit / 4);
        List<int> asked = [];
        using var scanner = ScannerOf(
            OnlySmaps,
            TimeSpan.Zero,
            pid =>
            {
                asked.Add(pid);
                return 1;
            }
        );

        Reads(scanner);
        AddAll(100, 1, pages: Limit - 1);
        Reads(scanner);

        Assert.Equal([100], asked);
    }

    [Fact]
    public void A_scan_ends_as_soon_as_it_is_cancelled_and_the_next_one_is_complete()
    {
        AddAll(100, 50);
        using var stop = new CancellationTokenSource();
        var time = new ReadTime(TimeSpan.Zero);
        using var scanner = new ProcessScanner(_captured.Root, maxHeld: 100, time: time);
        var asked = 0;
        time.OnAsked = () =>
        {
            asked++;
            stop.Cancel();
        };

        Assert.ThrowsAny<OperationCanceledException>(() =>
            scanner.Scan(_captured.State, OvercommitMode.Heuristic, ScanLevels.At(Level), _now, _found, stop.Token)
        );
        Assert.InRange(asked, 1, 2);
        Assert.Empty(_found);

        Assert.Equal((50, 0), Reads(scanner));
        Assert.Equal(50, _found.Count);
    }

    private ProcessReading? Remeasure(ProcessScanner scanner, int pid) =>
        scanner.Remeasure(pid, _captured.State, OvercommitMode.Heuristic, Level, _now);

    private ProcessScanner ScannerOf(ScanBudget budget, TimeSpan ofRead, Func<int, ulong>? podOf) =>
        ScannerOf(new ReadBudget(budget, podOf), ofRead);

    private ProcessScanner ScannerOf(ReadBudget budget, TimeSpan ofRead) =>
        new(_captured.Root, maxHeld: 1000, budget, new ReadTime(ofRead));

    private (int Smaps, int LeftOut) Reads(ProcessScanner scanner, ScanLevels? levels = null, TimeSpan? later = null)
    {
        _found.Clear();
        _now += later ?? TimeSpan.FromSeconds(15);
        var statistics = scanner.Scan(
            _captured.State,
            OvercommitMode.Heuristic,
            levels ?? ScanLevels.At(Level),
            _now,
            _found
        );
        return (statistics.SmapsReads, statistics.LeftOut);
    }

    private void AddAll(int firstPid, int count, string flags = "ac", ulong pages = Limit, ulong resident = 1)
    {
        foreach (var pid in Enumerable.Range(firstPid, count))
        {
            _captured.AddProcess(
                pid,
                new CapturedProcess
                {
                    Areas = [new(1 << 24, pages, flags)],
                    ResidentPages = resident,
                    Command = pid.ToString(CultureInfo.InvariantCulture),
                }
            );
        }
    }
}
