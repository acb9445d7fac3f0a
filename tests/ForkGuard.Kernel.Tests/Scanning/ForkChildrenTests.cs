using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Scanning;

/// <summary>Which children are told as such that go again, and what of the commit charge goes with them.</summary>
public sealed class ForkChildrenTests : IDisposable
{
    private const int Parent = 20;
    private const int Child = 21;
    private const int Neighbour = 30;
    private const ulong Stack = 0x7ffd_1000;
    private const ulong OtherStack = Stack + 16;
    private const ulong ParentPages = 100_000;
    private const ulong ChildPages = 90_000;
    private const ulong Committed = 1 << 30;
    private const ulong Limit = 2UL << 30;

    private readonly CapturedProc _proc = new(mode: 2, committedKilobytes: Committed / 1024);
    private readonly ProcessScanner _scanner;
    private Func<int, int, bool?> _sharesMemory = static (_, _) => false;

    public ForkChildrenTests()
    {
        _scanner = new ProcessScanner(
            _proc.Root,
            maxHeld: 100,
            budget: null,
            time: null,
            (pid, parent) => _sharesMemory(pid, parent)
        );
        _proc.WriteSystem("uptime", "7200.55 14000.00\n");
    }

    public void Dispose()
    {
        _scanner.Dispose();
        _proc.Dispose();
    }

    [Fact]
    public void What_the_only_child_holds_that_runs_its_parents_program_is_told_of_each_and_the_verdict_is_of_now()
    {
        Add(Parent, ParentPages);
        Add(Child, ChildPages, parent: Parent);
        Add(Neighbour, ParentPages, stack: OtherStack);

        var found = Scan();

        Assert.All(found.Values, reading => Assert.Equal(ChildPages * 4096, reading.ForkChildren));
        Assert.Equal(Committed + (ParentPages * 4096), found[Parent].Assessment.Used);
        Assert.Equal([Child], found.Values.Where(r => r.IsForkChild).Select(r => r.Pid));
    }

    [Fact]
    public void No_more_goes_than_a_fork_of_the_parent_would_charge()
    {
        Add(Parent, ChildPages);
        Add(Child, ParentPages, parent: Parent);

        Assert.Equal(ChildPages * 4096, Scan()[Parent].ForkChildren);
    }

    /// <summary>As by the rule of another mode, where not all that the process maps is committed.</summary>
    [Fact]
    public void No_more_goes_than_is_committed_beside_the_process_itself()
    {
        Add(Parent, 200_000);
        Add(Child, 200_000, parent: Parent);

        Assert.Equal(Committed - (200_000UL * 4096), Scan()[Parent].ForkChildren);
    }

    [Fact]
    public void Children_that_run_other_programs_do_not_count()
    {
        Add(Parent, ParentPages);
        Add(Child, ChildPages, parent: Parent);
        Add(22, ChildPages, parent: Parent, stack: OtherStack);

        Assert.Equal(ChildPages * 4096, Scan()[Parent].ForkChildren);
    }

    [Theory]
    [InlineData(Stack, Stack, 360_000)]
    [InlineData(OtherStack, 0UL, 360_000)]
    [InlineData(OtherStack, OtherStack, 359_999)]
    public void Nothing_goes_with_one_of_several_an_unknown_stack_or_a_child_of_more_than_an_hour(
        ulong otherStack,
        ulong childStack,
        ulong startTime
    )
    {
        var isOneOfSeveral = otherStack == Stack;
        var stack = isOneOfSeveral ? Stack : childStack;
        Add(Parent, ParentPages, stack: stack);
        Add(Child, ChildPages, parent: Parent, stack: stack, startTime: startTime);
        Add(22, ChildPages, parent: isOneOfSeveral ? Parent : 1, stack: Stack);

        Assert.All(Scan().Values, reading => Assert.Equal((0UL, false), (reading.ForkChildren, reading.IsForkChild)));
    }

    [Fact]
    public void A_reading_after_the_scan_has_the_same_share_until_the_next_scan()
    {
        Add(Parent, ParentPages);
        Add(Child, ChildPages, parent: Parent);
        Add(Neighbour, ParentPages, stack: OtherStack);
        Scan();

        Assert.Equal(ChildPages * 4096, Remeasure(Neighbour).ForkChildren);
        Assert.True(Remeasure(Child).IsForkChild);

        _proc.RemoveProcess(Child);
        Scan();
        Assert.Equal(0UL, Remeasure(Neighbour).ForkChildren);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(null)]
    public void A_child_that_shares_memory_or_may_do_so_is_not_subtracted(bool? sharesMemory)
    {
        _sharesMemory = (_, _) => sharesMemory;
        Add(Parent, ParentPages);
        Add(Child, ChildPages, parent: Parent);

        Assert.All(Scan().Values, reading => Assert.Equal((0UL, false), (reading.ForkChildren, reading.IsForkChild)));
    }

    /// <summary>A server with one worker that it replaces every half hour, seen every ten minutes.</summary>
    [Fact]
    public void A_worker_that_is_replaced_within_the_hour_is_subtracted_for_an_hour_and_not_for_good()
    {
        Add(Parent, ParentPages);
        var counted = new List<bool>();
        for (var minute = 0UL; minute <= 180; minute += 10)
        {
            var (now, begin) = (7200 + (minute * 60), 7200 + (minute / 30 * 30 * 60));
            _proc.WriteSystem("uptime", $"{now}.00 14000.00\n");
            Add(Child, ChildPages, parent: Parent, startTime: begin * 100);
            counted.Add(Scan()[Child].IsForkChild);
        }

        Assert.Equal([.. Enumerable.Repeat(true, 7), .. Enumerable.Repeat(false, 12)], counted);
    }

    [Fact]
    public void A_save_every_ten_minutes_is_subtracted_each_time()
    {
        Add(Parent, ParentPages);
        for (var minute = 0UL; minute <= 180; minute += 10)
        {
            _proc.WriteSystem("uptime", $"{7200 + (minute * 60)}.00 14000.00\n");
            Add(Child, ChildPages, parent: Parent, startTime: (7200 + (minute * 60) - 30) * 100);
            Assert.True(Scan()[Child].IsForkChild);

            _proc.RemoveProcess(Child);
            _proc.WriteSystem("uptime", $"{7200 + (minute * 60) + 60}.00 14000.00\n");
            Scan();
        }
    }

    [Fact]
    public void The_last_of_several_workers_is_not_taken_for_a_save()
    {
        Add(Parent, ParentPages);
        Add(Child, ChildPages, parent: Parent);
        Add(22, ChildPages, parent: Parent);
        Scan();

        _proc.RemoveProcess(22);

        Assert.False(Scan()[Child].IsForkChild);
    }

    [Fact]
    public void The_largest_mapping_is_not_changed_by_a_child()
    {
        Add(Parent, ParentPages);
        Add(Child, ChildPages, parent: Parent);

        Assert.Equal(0UL, Scan(OvercommitMode.Heuristic)[Parent].ForkChildren);
    }

    [Fact]
    public void A_child_that_the_scan_found_but_the_charge_at_its_begin_does_not_hold_is_not_subtracted()
    {
        Add(Parent, ParentPages);
        Scan();
        Add(Child, ChildPages, parent: Parent);
        var before = _proc.State with { Committed = Committed - (ChildPages * 4096) };

        Assert.Equal(0UL, Scan(state: before)[Parent].ForkChildren);
        Assert.Equal(ChildPages * 4096, Scan()[Parent].ForkChildren);
    }

    [Fact]
    public void A_child_beyond_the_budget_of_the_scan_is_subtracted_by_its_upper_bound()
    {
        using var scanner = new ProcessScanner(
            _proc.Root,
            maxHeld: 100,
            new ReadBudget(new ScanBudget { Maps = TimeSpan.FromDays(1) }),
            new ReadTime(TimeSpan.FromMilliseconds(300)),
            static (_, _) => false
        );
        Add(Parent, ParentPages);
        Add(Child, ParentPages, parent: Parent);

        var found = Scan(scanner: scanner);

        Assert.False(found[Parent].Assessment.IsBound);
        Assert.True(found[Child].Assessment.IsBound);
        Assert.Equal(ParentPages * 4096, found[Parent].ForkChildren);
    }

    /// <summary>Between the reading of the settings and that of the processes a child can end.</summary>
    [Fact]
    public void A_refusal_is_judged_by_what_is_committed_now_if_that_is_less()
    {
        Add(Parent, ParentPages);

        var reading = Scan(state: _proc.State with { Committed = Limit })[Parent];

        Assert.Equal(Verdict.CanFork, reading.Assessment.Verdict);
        Assert.Equal(Committed + (ParentPages * 4096), reading.Assessment.Used);
    }

    private Dictionary<int, ProcessReading> Scan(
        OvercommitMode mode = OvercommitMode.Strict,
        KernelState? state = null,
        ProcessScanner? scanner = null
    )
    {
        var found = new List<ProcessReading>();
        (scanner ?? _scanner).Scan(state ?? _proc.State, mode, levelPercent: 1, CapturedProc.Noon, found);
        return found.ToDictionary(reading => reading.Pid);
    }

    private ProcessReading Remeasure(int pid) =>
        _scanner.Remeasure(pid, _proc.State, OvercommitMode.Strict, levelPercent: 1, CapturedProc.Noon)!.Value;

    private void Add(int pid, ulong pages, int parent = 1, ulong stack = Stack, ulong startTime = 360_000) =>
        _proc.AddProcess(
            pid,
            new CapturedProcess
            {
                Areas = [new(0x1000, pages, "rd wr mr mw me ac")],
                Parent = parent,
                StartStack = stack,
                StartTime = startTime,
            }
        );
}
