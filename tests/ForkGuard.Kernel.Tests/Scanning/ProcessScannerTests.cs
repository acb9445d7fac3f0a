using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Scanning;

public sealed class ProcessScannerTests : IDisposable
{
    private const int Level = 50;
    private const ulong Limit = 1 << 20;
    private readonly CapturedProc _captured = new();
    private readonly List<ProcessReading> _loud = [];
    private DateTimeOffset _now = CapturedProc.Noon;
    private int _mostHeld = 100;
    private ProcessScanner? _scanner;

    [Fact]
    public void A_small_process_costs_one_read_of_statm()
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, (Limit / 2) - 1, "ac")] });

        Assert.Equal(new ScanStatistics { Processes = 1, StatmReads = 1 }, Scan());
        Assert.Empty(_loud);
    }

    [Fact]
    public void A_process_of_many_small_mappings_costs_a_read_of_maps()
    {
        _captured.AddProcess(
            7,
            new CapturedProcess
            {
                Areas = [.. Enumerable.Range(1, 8).Select(i => new CapturedArea((ulong)i << 24, Limit / 4, "ac"))],
            }
        );

        Assert.Equal(
            new ScanStatistics
            {
                Processes = 1,
                StatmReads = 1,
                MapsReads = 1,
            },
            Scan()
        );
        Assert.Empty(_loud);
    }

    [Fact]
    public void A_large_reservation_is_looked_up_once_and_then_known()
    {
        _captured.AddProcess(
            7,
            new CapturedProcess { Areas = [new(16, Limit * 2, "mr mw me nr", "---p"), new(1 << 24, 5, "ac")] }
        );

        Assert.Equal(1, Scan().SmapsReads);
        Assert.Equal(new ScanStatistics { Processes = 1, StatmReads = 1 }, Scan(TimeSpan.FromSeconds(15)));
        Assert.Equal(
            new ScanStatistics
            {
                Processes = 1,
                StatmReads = 1,
                MapsReads = 1,
            },
            Scan(TimeSpan.FromMinutes(1))
        );
        Assert.Empty(_loud);
    }

    [Fact]
    public void A_process_at_the_level_is_told_and_one_page_below_it_is_not()
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit / 2, "wr ac")], Command = "at) (it" });
        _captured.AddProcess(8, new CapturedProcess { Areas = [new(16, (Limit / 2) - 1, "wr ac")] });

        Scan();

        var reading = Assert.Single(_loud);
        Assert.Equal(
            (7, "at) (it", 50, Verdict.CanFork),
            (reading.Pid, reading.Command, reading.Assessment.Percent, reading.Assessment.Verdict)
        );
        Assert.Equal(
            (ReadingSource.Smaps, false, _now, 4711UL),
            (reading.Source, reading.IsKept, reading.MeasuredTime, reading.StartTime)
        );
    }

    [Fact]
    public void A_kept_answer_carries_the_time_it_was_measured_and_grows_too_old()
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit, "wr ac")] });
        Scan();

        Scan(TimeSpan.FromSeconds(15));
        Assert.Equal((true, CapturedProc.Noon), (_loud[0].IsKept, _loud[0].MeasuredTime));

        Scan(TimeSpan.FromMinutes(10));
        Assert.Equal((false, _now), (_loud[0].IsKept, _loud[0].MeasuredTime));
    }

    [Fact]
    public void A_kept_answer_ends_with_the_permissions()
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit * 2, "nr", "---p")] });
        Scan();

        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit * 2, "wr ac", "rw-p")] });

        Scan(TimeSpan.FromSeconds(1));
        Assert.Equal(Verdict.CannotFork, Assert.Single(_loud).Assessment.Verdict);
    }

    [Fact]
    public void A_remeasured_process_is_read_past_the_kept_answer()
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit + 1, "wr ac")] });
        Scan();
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit + 1, "wr dc ac")] });

        Scan(TimeSpan.FromSeconds(1));
        Assert.Equal(Verdict.CannotFork, Assert.Single(_loud).Assessment.Verdict);

        var fresh = Remeasure(7);
        Assert.Equal((Verdict.CanFork, false), (fresh.Assessment.Verdict, fresh.IsKept));

        Scan(TimeSpan.FromSeconds(1));
        Assert.Empty(_loud);
    }

    [Fact]
    public void A_remeasured_process_that_has_ended_is_gone()
    {
        Scan();

        Assert.Equal(ReadStatus.Gone, Remeasure(7).Status);
    }

    [Fact]
    public void What_cannot_be_read_is_counted_and_told_with_its_bound()
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit * 2, "ac")] });
        File.Delete(_captured.PathOf("7/smaps"));

        Assert.Equal(1, Scan().Unreadable);
        var reading = Assert.Single(_loud);
        Assert.Equal((Verdict.Unknown, true), (reading.Assessment.Verdict, reading.Assessment.IsBound));
    }

    [Fact]
    public void A_process_whose_size_cannot_be_read_is_counted_and_not_taken_for_one_that_ended()
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, 5, "ac")] });
        File.Delete(_captured.PathOf("7/statm"));
        Directory.CreateDirectory(_captured.PathOf("7/statm"));

        Assert.Equal(1, Scan().Unreadable);
        Assert.Equal(Verdict.Unknown, Assert.Single(_loud).Assessment.Verdict);
        Assert.Equal(
            new ScanStatistics
            {
                Processes = 1,
                StatmReads = 1,
                Unreadable = 1,
            },
            _scanner!.List()
        );
    }

    [Fact]
    public void Processes_come_and_go_between_scans()
    {
        foreach (var pid in new[] { 9, 7, 30, 8 })
        {
            _captured.AddProcess(pid, new CapturedProcess { Areas = [new(16, Limit, "wr ac")] });
        }

        Scan();
        Assert.Equal([7, 8, 9, 30], _loud.Select(r => r.Pid));

        Directory.Delete(_captured.PathOf("8"), recursive: true);
        _captured.AddProcess(10, new CapturedProcess { Areas = [new(16, Limit, "wr ac")] });
        Assert.Equal(4, Scan(TimeSpan.FromSeconds(1)).Processes);
        Assert.Equal([7, 9, 10, 30], _loud.Select(r => r.Pid));
        Assert.Equal([true, true, false, true], _loud.Select(r => r.IsKept));
    }

    [Fact]
    public void Without_a_held_file_that_tells_a_reused_pid_no_answer_is_kept()
    {
        _mostHeld = 1;
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit, "wr ac")] });
        _captured.AddProcess(8, new CapturedProcess { Areas = [new(16, Limit, "wr ac")] });
        Scan();

        Scan(TimeSpan.FromSeconds(1));

        Assert.Equal([true, false], _loud.Select(r => r.IsKept));
    }

    [Fact]
    public void In_mode_2_a_small_process_on_a_full_node_is_told_by_its_bound_alone()
    {
        using var strict = new CapturedProc(mode: 2, committedKilobytes: 3 << 20);
        strict.AddProcess(7, new CapturedProcess { Areas = [new(16, 10, "wr ac")] });
        using var scanner = new ProcessScanner(strict.Root, maxHeld: 8);

        var statistics = scanner.Scan(strict.State, OvercommitMode.Strict, Level, _now, _loud);

        Assert.Equal(new ScanStatistics { Processes = 1, StatmReads = 1 }, statistics);
        var reading = Assert.Single(_loud);
        Assert.Equal((Verdict.CannotFork, ReadingSource.Statm), (reading.Assessment.Verdict, reading.Source));
    }

    [Fact]
    public void Under_mode_1_the_sizes_are_read_and_nothing_else()
    {
        _captured.WriteSystem("sys/vm/overcommit_memory", "1\n");
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit * 2, "wr ac")] });

        Assert.Equal(new ScanStatistics { Processes = 1, StatmReads = 1 }, Scan());
        Assert.Empty(_loud);
    }

    [Theory]
    [InlineData(0, (Limit / 2) - 1, 0)]
    [InlineData(0, Limit / 2, 1)]
    [InlineData(1, Limit * 8, 0)]
    public void What_is_committed_excuses_all_processes_when_it_is_below_the_level(int mode, ulong pages, int mapsReads)
    {
        // With what the counter may be off, just so many pages could be charged; the reservation is none of them.
        var error = Limit / 256;
        using var captured = new CapturedProc(mode, committedKilobytes: (pages - Math.Min(pages, error)) * 4);
        captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit * 2, "mr mw me nr", "---p")] });
        using var scanner = new ProcessScanner(captured.Root, maxHeld: 8) { TrustsCommitted = true };

        var state = captured.State;
        var statistics = scanner.Scan(state, state.Mode, Level, _now, _loud);

        Assert.Equal((1, mapsReads), (statistics.Processes, statistics.MapsReads));
        Assert.Empty(_loud);
    }

    [Fact]
    public void After_a_scan_that_excused_all_the_worst_are_found_all_the_same()
    {
        using var captured = new CapturedProc(committedKilobytes: 4096);
        captured.AddProcess(7, new CapturedProcess { Areas = [new(16, 100, "wr ac")] });
        captured.AddProcess(8, new CapturedProcess { Areas = [new(16, 200, "wr ac")] });
        using var scanner = new ProcessScanner(captured.Root, maxHeld: 8) { TrustsCommitted = true };
        scanner.Scan(captured.State, OvercommitMode.Heuristic, Level, _now, _loud);

        var worst = scanner.Worst(captured.State, OvercommitMode.Heuristic, 5, _now);

        Assert.Equal([8, 7], worst.Select(r => r.Pid));
    }

    [Fact]
    public void What_strict_mode_would_charge_is_not_excused_by_what_is_committed_now()
    {
        using var captured = new CapturedProc(committedKilobytes: 4096);
        captured.AddProcess(7, new CapturedProcess { Areas = [new(16, Limit, "wr nr")] });
        using var scanner = new ProcessScanner(captured.Root, maxHeld: 8) { TrustsCommitted = true };

        scanner.Scan(captured.State, OvercommitMode.Strict, Level, _now, _loud);

        Assert.Equal(Verdict.CannotFork, Assert.Single(_loud).Assessment.Verdict);
    }

    [Fact]
    public void The_worst_come_first_and_no_more_than_asked_for()
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, 100, "wr ac")] });
        _captured.AddProcess(8, new CapturedProcess { Areas = [new(16, Limit, "wr ac")] });
        _captured.AddProcess(
            9,
            new CapturedProcess { Areas = [new(16, Limit * 4, "nr", "---p"), new(1 << 24, 300, "wr ac")] }
        );
        _captured.AddProcess(10, new CapturedProcess { Areas = [new(16, 200, "wr ac")] });
        Scan();

        var worst = _scanner!.Worst(_captured.State, OvercommitMode.Heuristic, 3, _now);

        Assert.Equal([8, 9, 10], worst.Select(r => r.Pid));
        Assert.Equal([Limit << 12, 300UL << 12, 200UL << 12], worst.Select(r => r.Assessment.Used));
    }

    /// <summary>As hosts with .NET, Java, Node.js or GHC look: each has reserved more than the machine has.</summary>
    [Fact]
    public void The_one_at_risk_is_the_worst_whatever_the_others_have_reserved()
    {
        for (var pid = 100; pid < 160; pid++)
        {
            _captured.AddProcess(
                pid,
                new CapturedProcess { Areas = [new(16, Limit * 64, "rd wr nr"), new(1UL << 30, 5, "wr ac")] }
            );
        }

        _captured.AddProcess(200, new CapturedProcess { Areas = [new(16, Limit + 1, "rd wr ac")] });
        Scan();

        var worst = _scanner!.Worst(_captured.State, OvercommitMode.Heuristic, 5, _now, maxMapsReads: 20);

        Assert.Equal(200, worst[0].Pid);
        Assert.Equal([200], worst.Where(r => r.Assessment.Percent > 0).Select(r => r.Pid));
    }

    [Fact]
    public void What_was_measured_at_the_level_comes_before_bounds_that_no_time_was_left_for()
    {
        for (var pid = 100; pid < 110; pid++)
        {
            _captured.AddProcess(pid, new CapturedProcess { Areas = [new(16, Limit * 64, "rd wr nr")] });
            File.Delete(_captured.PathOf($"{pid}/smaps"));
        }

        _captured.AddProcess(200, new CapturedProcess { Areas = [new(16, Limit / 2, "rd wr ac")] });
        Scan();

        Assert.Equal(200, _scanner!.Worst(_captured.State, OvercommitMode.Heuristic, 5, _now)[0].Pid);
    }

    [Fact]
    public void A_process_table_that_cannot_be_listed_is_no_empty_machine()
    {
        using var gone = new CapturedProc();
        using var scanner = new ProcessScanner(gone.Root, maxHeld: 0);
        var state = gone.State;
        Directory.Delete(gone.PathOf(""), recursive: true);
        Directory.CreateDirectory(gone.PathOf(""));

        Assert.Throws<IOException>(() => scanner.Scan(state, OvercommitMode.Heuristic, Level, _now, _loud));
    }

    private ProcessReading Remeasure(int pid) =>
        _scanner!.Remeasure(pid, _captured.State, OvercommitMode.Heuristic, Level, _now)!.Value;

    public void Dispose()
    {
        _scanner?.Dispose();
        _captured.Dispose();
    }

    private ScanStatistics Scan(TimeSpan later = default)
    {
        _now += later;
        _loud.Clear();
        var state = _captured.State;
        _scanner ??= new ProcessScanner(_captured.Root, _mostHeld);
        return _scanner.Scan(state, state.Mode, Level, _now, _loud);
    }
}
