using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Scanning;

/// <summary>Whose fork child is told, among the children that a process may have.</summary>
public sealed class ForkChildTests : IDisposable
{
    private const int Parent = 20;
    private const int Child = 21;
    private const int Other = 22;
    private const ulong Stack = 0x7ffd_1000;
    private const ulong ParentPages = 100_000;
    private const ulong ChildPages = 90_000;

    // 2 GiB may be committed and 1 GiB is: the parent's fork takes 391 MiB more.
    private readonly CapturedProc _proc = new(mode: 2, committedKilobytes: 1 << 20);

    public void Dispose() => _proc.Dispose();

    [Fact]
    public void The_only_child_that_runs_its_parents_program_goes_and_the_parent_keeps_its_verdict()
    {
        Add(Parent, ParentPages, children: [Child]);
        Add(Child, ChildPages, parent: Parent);

        var reading = _proc.Inspect(Parent);
        Assert.Equal(ChildPages * 4096, reading.ForkChild);
        Assert.Equal((1UL << 30) + (ParentPages * 4096), reading.Assessment.Used);
        Assert.Equal(ForkVerdict.CanFork, reading.Assessment.Verdict);
    }

    [Fact]
    public void The_child_itself_goes_too()
    {
        Add(Parent, ParentPages, children: [Child]);
        Add(Child, ChildPages, parent: Parent);

        Assert.Equal(ChildPages * 4096, _proc.Inspect(Child).ForkChild);
    }

    [Fact]
    public void No_more_goes_than_a_fork_would_charge()
    {
        Add(Parent, ParentPages, children: [Child]);
        Add(Child, ParentPages * 2, parent: Parent);

        Assert.Equal(ParentPages * 4096, _proc.Inspect(Parent).ForkChild);
    }

    [Fact]
    public void Children_that_run_other_programs_or_have_ended_do_not_count()
    {
        Add(Parent, ParentPages, children: [Other, Child, 23]);
        Add(Child, ChildPages, parent: Parent);
        Add(Other, ChildPages, parent: Parent, stack: Stack + 16);

        Assert.Equal(ChildPages * 4096, _proc.Inspect(Parent).ForkChild);
        Assert.Equal(0UL, _proc.Inspect(Other).ForkChild);
    }

    [Fact]
    public void Of_several_none_goes()
    {
        Add(Parent, ParentPages, children: [Child, Other]);
        Add(Child, ChildPages, parent: Parent);
        Add(Other, ChildPages, parent: Parent);

        Assert.Equal(0UL, _proc.Inspect(Parent).ForkChild);
        Assert.Equal(0UL, _proc.Inspect(Child).ForkChild);
    }

    [Fact]
    public void A_stack_that_may_not_be_seen_is_nobodys()
    {
        Add(Parent, ParentPages, children: [Child], stack: 0);
        Add(Child, ChildPages, parent: Parent, stack: 0);

        Assert.Equal(0UL, _proc.Inspect(Parent).ForkChild);
    }

    [Fact]
    public void The_largest_mapping_is_not_changed_by_a_child()
    {
        Add(Parent, ParentPages, children: [Child]);
        Add(Child, ChildPages, parent: Parent);

        Assert.Equal(0UL, _proc.Inspect(Parent, OvercommitMode.Heuristic).ForkChild);
    }

    /// <summary>Between the reading of the settings and that of the process a child can end.</summary>
    [Fact]
    public void A_refusal_is_judged_by_what_is_committed_now_if_that_is_less()
    {
        Add(Parent, ParentPages);
        var before = _proc.State with { Committed = 2UL << 30 };

        var reading = new ProcessInspector(_proc.Root).Inspect(
            Parent,
            before,
            OvercommitMode.Strict,
            levelPercent: 0,
            CapturedProc.Noon
        );

        Assert.Equal(ForkVerdict.CanFork, reading.Assessment.Verdict);
        Assert.Equal((1UL << 30) + (ParentPages * 4096), reading.Assessment.Used);
    }

    private void Add(int pid, ulong pages, int parent = 1, IReadOnlyList<int>? children = null, ulong stack = Stack) =>
        _proc.AddProcess(
            pid,
            new CapturedProcess
            {
                Areas = [new(0x1000, pages, "rd wr mr mw me ac")],
                Parent = parent,
                StartStack = stack,
                Children = children ?? [],
            }
        );
}
