using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Checks;

public sealed class UserProcessesCheckTests : IDisposable
{
    private const ulong OtherNamespace = 4026532000;

    private readonly CapturedNode _node = new();

    [Theory]
    [InlineData("5.13.0\n", 6)]
    [InlineData("5.14.0\n", 3)]
    public void Before_5_14_a_uid_is_counted_over_all_user_namespaces(string release, int used)
    {
        _node.Files.WriteProc("sys/kernel/osrelease", release);
        _node.AddProcess(CapturedNode.Pid, uid: 5000, limit: "6");
        _node.AddProcess(101, uid: 5000, threads: 2);
        _node.AddProcess(102, uid: 5000, threads: 3, userNamespace: OtherNamespace);
        _node.AddProcess(103, uid: 5001, threads: 50);

        var reading = _node.Find(ConstraintType.UserProcesses)!.Value;

        Assert.Equal(((ulong)used, 6UL, used == 6), (reading.Used, reading.Limit, reading.Refuses));
    }

    [Fact]
    public void A_limit_that_all_tasks_of_the_node_cannot_reach_is_not_summed()
    {
        // More than the node has in all, so that a sum would show.
        _node.AddProcess(CapturedNode.Pid, uid: 5000, threads: 200, limit: "143");
        Assert.Empty(_node.Scan(levelPercent: 70));
        _node.AddProcess(CapturedNode.Pid, uid: 5000, threads: 200, limit: "142");
        Assert.True(Assert.Single(_node.Scan(levelPercent: 70)).Refuses);
    }

    [Fact]
    public void A_sum_below_the_level_is_kept_for_a_minute_but_not_for_a_check()
    {
        using var cgroups = _node.Files.Open();
        var context = new ScanContext(_node.Files.Proc, cgroups);
        var facts = new ProcessFacts { Pid = CapturedNode.Pid };
        _node.AddProcess(CapturedNode.Pid, uid: 5000, limit: "10");
        Assert.Equal(ReadStatus.Ok, new ProcessFactsReader(context).Read(facts));
        List<ConstraintReading> Scan(int seconds)
        {
            List<ConstraintReading> found = [];
            context.BeginScan(DateTimeOffset.UnixEpoch.AddSeconds(seconds), levelPercent: 70);
            ForkChecks.Scan(context, facts, found);
            return found;
        }

        Assert.Empty(Scan(0));
        _node.AddProcess(101, uid: 5000, threads: 9);
        Assert.Empty(Scan(59));
        Assert.True(Assert.Single(Scan(60)).Refuses);
        _node.AddProcess(101, uid: 5000, threads: 8);
        Assert.False(Assert.Single(Scan(61)).Refuses);
        _node.AddProcess(101, uid: 5000, threads: 9);
        Assert.True(_node.Find(ConstraintType.UserProcesses)!.Value.Refuses);
    }

    [Fact]
    public void Tasks_without_a_readable_namespace_only_bound_the_usage()
    {
        _node.AddProcess(CapturedNode.Pid, uid: 5000, limit: "3");
        _node.AddProcess(101, uid: 5000, threads: 2);
        File.Delete(Path.Combine(_node.Files.Proc.Path, "101", "ns", "user"));

        var reading = _node.Find(ConstraintType.UserProcesses)!.Value;

        Assert.Equal((3UL, true, false), (reading.Used, reading.IsBound, reading.Refuses));
    }

    [Theory]
    [InlineData(4026532481, 99, 99, 0, true, false)]
    [InlineData(4026532481, 101, 5, 94, false, false)]
    [InlineData(4026532481, 5, 5, 0, false, true)]
    [InlineData(4026531836, 99, 5, 0, false, false)]
    public void Tasks_outside_of_the_readers_pid_namespace_may_count_too(
        ulong ownNamespace,
        int limit,
        int used,
        int uncertainty,
        bool isBound,
        bool refuses
    )
    {
        _node.SetOwnPidNamespace(ownNamespace);
        _node.AddProcess(CapturedNode.Pid, uid: 5000, threads: 5, limit: $"{limit}");
        _node.AddProcess(101, uid: 5001);

        var result = _node.Read();

        var reading = Assert.Single(result.Readings, reading => reading.Type == ConstraintType.UserProcesses);
        Assert.Equal((isBound, refuses), (reading.IsBound, reading.Refuses));
        Assert.Equal(((ulong)used, (ulong)uncertainty), (reading.Used, reading.Uncertainty));
        Assert.Equal(ownNamespace == 4026532481 && limit <= 100, result.NotChecked.HasFlag(NotChecked.OuterTasks));
    }

    [Fact]
    public void A_proc_that_shows_the_init_of_the_node_shows_all_tasks()
    {
        _node.SetOwnPidNamespace(4026532481);
        _node.AddProcess(1, uid: 0);
        _node.AddProcess(CapturedNode.Pid, uid: 5000, limit: "50");

        var reading = _node.Find(ConstraintType.UserProcesses)!.Value;

        Assert.Equal((1UL, 0UL, false), (reading.Used, reading.Uncertainty, reading.IsBound));
    }

    [Fact]
    public void Tasks_outside_of_the_readers_pid_namespace_are_a_problem_where_nothing_bounds_them()
    {
        _node.SetOwnPidNamespace(4026532481);
        _node.AddProcess(CapturedNode.Pid, uid: 5000, limit: "5000");
        _node.Files.WriteProc("loadavg", "\n");

        Assert.Contains("loadavg", _node.Find(ConstraintType.UserProcesses)!.Value.Problem, StringComparison.Ordinal);
        Assert.Contains(_node.Scan(levelPercent: 70), reading => reading.Type == ConstraintType.UserProcesses);
    }

    [Fact]
    public void A_process_that_cannot_be_read_may_have_any_number_of_threads()
    {
        _node.AddProcess(CapturedNode.Pid, uid: 5000, limit: "50");
        _node.AddProcess(101, uid: 5000);
        _node.Files.WriteProc("101/status", "\n");

        var reading = _node.Find(ConstraintType.UserProcesses)!.Value;

        Assert.Equal((100UL, true, false), (reading.Used, reading.IsBound, reading.Refuses));
    }

    [Fact]
    public void A_malformed_limits_file_is_a_problem_of_this_constraint_alone()
    {
        _node.Files.WriteProc("100/limits", "Max processes             many   many   processes\n");

        Assert.Contains("limits", _node.Find(ConstraintType.UserProcesses)!.Value.Problem, StringComparison.Ordinal);
        Assert.Null(_node.Find(ConstraintType.Threads)!.Value.Problem);
    }

    [Fact]
    public void A_status_with_very_many_groups_is_read_to_its_end()
    {
        _node.AddProcess(CapturedNode.Pid, uid: 5000, threads: 3, limit: "3");
        var status = File.ReadAllText(Path.Combine(_node.Files.Proc.Path, "100/status"));
        var groups = $"Groups:\t{string.Join(' ', Enumerable.Range(100_000, 65_536))} \n";
        _node.Files.WriteProc("100/status", status.Replace("Threads:", groups + "Threads:", StringComparison.Ordinal));

        Assert.True(_node.Find(ConstraintType.UserProcesses)!.Value.Refuses);
    }

    [Fact]
    public void An_unlimited_process_has_no_reading() => Assert.Null(_node.Find(ConstraintType.UserProcesses));

    public void Dispose() => _node.Dispose();
}
