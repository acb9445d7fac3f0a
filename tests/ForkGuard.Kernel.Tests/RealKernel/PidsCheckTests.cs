using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;
using Condition = ForkGuard.Testing.Condition;

namespace ForkGuard.Kernel.Tests.RealKernel;

public sealed class PidsCheckTests : IDisposable
{
    private readonly LiveChecks _checks = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refuses_a_fork_at_pids_max_and_not_one_before(bool isRoot)
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        if (!isRoot)
        {
            await forker.BecomeAsync(Forker.UniqueUid());
        }

        cgroup.SetMax(2);
        Assert.False(await _checks.CompareAsync(forker, ConstraintType.Pids));
        await forker.DoAsync("keep");
        Assert.True(await _checks.CompareAsync(forker, ConstraintType.Pids));

        var reading = _checks.Find(forker.Pid, ConstraintType.Pids)!.Value;
        Assert.Equal((2UL, 2UL, 100), (reading.Used, reading.Limit, reading.Percent));
        Assert.Equal((ConstraintScope.Cgroup, Confidence.Exact), (reading.Scope, reading.Confidence));
        Assert.EndsWith(reading.ScopeName, cgroup.Directory, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threads_count_as_processes_do()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        cgroup.SetMax(3);
        await forker.DoAsync("thread");
        Assert.False(await _checks.CompareAsync(forker, ConstraintType.Pids));
        await forker.DoAsync("thread");
        Assert.True(await _checks.CompareAsync(forker, ConstraintType.Pids));
        Assert.Equal(Errno.TryAgain, await forker.AskAsync("thread"));
    }

    [Fact]
    public async Task The_limit_of_an_outer_cgroup_refuses_too()
    {
        await using var outer = TestCgroup.Create();
        await using var inner = outer.CreateChild();
        await using var sibling = outer.CreateChild();
        await using var other = await StartInAsync(sibling);
        await using var forker = await StartInAsync(inner);
        outer.SetMax(4);
        inner.SetMax(100);
        await other.DoAsync("keep");
        Assert.False(await _checks.CompareAsync(forker, ConstraintType.Pids));
        await other.DoAsync("keep");
        Assert.True(await _checks.CompareAsync(forker, ConstraintType.Pids));
        Assert.EndsWith(
            _checks.Find(forker.Pid, ConstraintType.Pids)!.Value.ScopeName,
            outer.Directory,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_limit_below_the_usage_refuses()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        await forker.DoAsync("keep");
        await forker.DoAsync("keep");
        cgroup.SetMax(1);
        Assert.True(await _checks.CompareAsync(forker, ConstraintType.Pids));
        Assert.Equal(300, _checks.Find(forker.Pid, ConstraintType.Pids)!.Value.Percent);
        cgroup.SetMax(0);
        Assert.True(await _checks.CompareAsync(forker, ConstraintType.Pids));
    }

    [Fact]
    public async Task Without_a_limit_there_is_no_reading()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        Assert.Null(_checks.Find(forker.Pid, ConstraintType.Pids));
    }

    [Fact]
    public async Task Agrees_with_the_kernel_while_the_limit_moves()
    {
        await using var outer = TestCgroup.Create();
        await using var inner = outer.CreateChild();
        await using var forker = await StartInAsync(inner);
        await forker.DoAsync("keep");
        await forker.DoAsync("thread");
        var refusals = 0;
        const int rounds = 60;
        for (var round = 0; round < rounds; round++)
        {
            // Usage is 3: limits from 1 to 6, out of step with each other.
            outer.SetMax((ulong)((round % 5) + 2));
            inner.SetMax((ulong)((round * 7 % 6) + 1));
            refusals += await _checks.CompareAsync(forker, ConstraintType.Pids) ? 1 : 0;
        }

        Assert.InRange(refusals, 10, rounds - 10);
    }

    [Fact]
    public async Task Zombies_their_parent_and_refusals_explain_the_limit()
    {
        await using var outer = TestCgroup.Create();
        await using var inner = outer.CreateChild();
        await using var forker = await StartInAsync(inner);
        await using var other = await StartInAsync(outer);
        outer.SetMax(6);
        await forker.DoAsync("zombie");
        await forker.DoAsync("zombie");
        await forker.DoAsync("zombie");
        await other.DoAsync("zombie");

        Assert.True(await _checks.CompareAsync(forker, ConstraintType.Pids));
        Assert.Equal(Errno.TryAgain, await forker.ForkAsync());

        Assert.Equal(new PidsDetail(4, forker.Pid, "forker", 2), _checks.Read(forker.Pid).Pids);
    }

    [Fact]
    public async Task Refusals_of_every_cgroup_below_the_limit_count()
    {
        await using var outer = TestCgroup.Create();
        await using var inner = outer.CreateChild();
        await using var sibling = outer.CreateChild();
        await using var nested = sibling.CreateChild();
        await using var forker = await StartInAsync(inner);
        await using var other = await StartInAsync(nested);
        outer.SetMax(2);
        Assert.Equal(Errno.TryAgain, await forker.ForkAsync());
        Assert.Equal(Errno.TryAgain, await other.ForkAsync());
        Assert.Equal(Errno.TryAgain, await other.ForkAsync());

        Assert.Equal(3UL, _checks.Read(forker.Pid).Pids!.Refused);
        Assert.Equal(3UL, _checks.Read(other.Pid).Pids!.Refused);
    }

    [Fact]
    public async Task The_kernel_counts_a_refusal_where_it_forked_unless_pids_events_are_hierarchical()
    {
        await using var outer = TestCgroup.Create();
        await using var inner = outer.CreateChild();
        await using var forker = await StartInAsync(inner);
        outer.SetMax(1);
        Assert.Equal(Errno.TryAgain, await forker.ForkAsync());

        var isHierarchical = outer.Has("pids.events.local");
        Assert.Equal(isHierarchical ? "max 1\n" : "max 0\n", outer.Read("pids.events"));
        Assert.Equal(isHierarchical ? "max 0\n" : "max 1\n", inner.Read("pids.events"));
    }

    [Fact]
    public async Task Living_children_are_no_zombies()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        cgroup.SetMax(2);
        await forker.DoAsync("keep");
        Assert.Equal(new PidsDetail(0, 0, "", 0), _checks.Read(forker.Pid).Pids);
    }

    [Fact]
    public async Task A_process_whose_main_thread_has_ended_is_refused_too()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        await forker.DoAsync("handover");
        await Condition.HoldsAsync(
            () => File.ReadAllText($"/proc/{forker.Pid}/stat").Contains(") Z ", StringComparison.Ordinal),
            "the main thread has ended",
            TestContext.Current.CancellationToken
        );
        cgroup.SetMax(3);
        Assert.False(await _checks.CompareAsync(forker, ConstraintType.Pids));
        cgroup.SetMax(2);
        Assert.True(await _checks.CompareAsync(forker, ConstraintType.Pids));
    }

    [Fact]
    public async Task A_process_whose_main_thread_ended_later_keeps_its_limit()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        cgroup.SetMax(2);
        var facts = new ProcessFacts { Pid = forker.Pid };
        var reader = new ProcessFactsReader(_checks.Context);
        Assert.Empty(Scan(seconds: 0));
        Assert.Empty(Scan(seconds: 10));
        await forker.DoAsync("handover");
        await Condition.HoldsAsync(
            () => File.ReadAllText($"/proc/{forker.Pid}/stat").Contains(") Z ", StringComparison.Ordinal),
            "the main thread has ended",
            TestContext.Current.CancellationToken
        );

        // cgroup v1 shows the main thread in the root by now.
        Assert.True(Assert.Single(Scan(seconds: 610)).Refuses);
        Assert.True(Assert.Single(Scan(seconds: 1220)).Refuses);

        List<ConstraintReading> Scan(int seconds)
        {
            List<ConstraintReading> found = [];
            _checks.Context.BeginScan(DateTimeOffset.UnixEpoch.AddSeconds(seconds), levelPercent: 70);
            Assert.Equal(ReadStatus.Ok, ForkChecks.Scan(_checks.Context, reader, facts, found));
            return found;
        }
    }

    [Fact]
    public async Task Forks_that_reach_the_limit_from_far_below_it_count_in_the_next_scan()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        cgroup.SetMax(10);
        var facts = new ProcessFacts { Pid = forker.Pid };
        var reader = new ProcessFactsReader(_checks.Context);
        Assert.Empty(Scan());
        Assert.Empty(Scan());
        for (var child = 0; child < 9; child++)
        {
            await forker.DoAsync("keep");
        }

        Assert.True(Assert.Single(Scan()).Refuses);
        Assert.Equal(Errno.TryAgain, await forker.ForkAsync());

        List<ConstraintReading> Scan()
        {
            List<ConstraintReading> found = [];
            _checks.Context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent: 70);
            Assert.Equal(ReadStatus.Ok, ForkChecks.Scan(_checks.Context, reader, facts, found));
            return found;
        }
    }

    [Fact]
    public async Task A_process_that_moved_out_of_a_removed_cgroup_is_placed_again()
    {
        await using var first = TestCgroup.Create();
        await using var second = TestCgroup.Create();
        await using var forker = await StartInAsync(first);
        second.SetMax(1);
        var facts = new ProcessFacts { Pid = forker.Pid };
        var reader = new ProcessFactsReader(_checks.Context);
        Assert.Empty(Scan(seconds: 0));
        second.Add(forker.Pid);
        await first.DisposeAsync();

        Assert.True(Assert.Single(Scan(seconds: 45)).Refuses);
        Assert.Equal(Errno.TryAgain, await forker.ForkAsync());

        List<ConstraintReading> Scan(int seconds)
        {
            List<ConstraintReading> found = [];
            _checks.Context.BeginScan(DateTimeOffset.UnixEpoch.AddSeconds(seconds), levelPercent: 70);
            Assert.Equal(ReadStatus.Ok, ForkChecks.Scan(_checks.Context, reader, facts, found));
            return found;
        }
    }

    public void Dispose() => _checks.Dispose();

    private static async Task<Forker> StartInAsync(TestCgroup cgroup)
    {
        var forker = await Forker.StartAsync();
        cgroup.Add(forker.Pid);
        return forker;
    }
}
