using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;

namespace ForkGuard.Kernel.Tests.Checks;

public sealed class NodeChecksTests : IDisposable
{
    private readonly CapturedNode _node = new();

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, true)]
    [InlineData(1001, true)]
    public void Threads_refuse_at_threads_max(int tasks, bool refuses)
    {
        _node.SetTasks(tasks);

        var reading = _node.Find(ConstraintType.Threads)!.Value;

        Assert.Equal((refuses, (ulong)tasks, 1000UL), (reading.Refuses, reading.Used, reading.Limit));
        Assert.Equal((ConstraintScope.Node, Confidence.Exact), (reading.Scope, reading.Confidence));
    }

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, true)]
    public void Pids_below_300_are_no_part_of_the_pid_space(int tasks, bool refuses)
    {
        _node.SetTasks(tasks);

        var reading = _node.Find(ConstraintType.PidSpace)!.Value;

        Assert.Equal((refuses, 1000UL, 300UL), (reading.Refuses, reading.Limit, reading.Uncertainty));
        Assert.Equal(Confidence.Estimate, reading.Confidence);
    }

    [Theory]
    [InlineData("loadavg", "0.1 0.2 0.3 5 4711\n", ConstraintType.Threads)]
    [InlineData("loadavg", "", ConstraintType.PidSpace)]
    [InlineData("sys/kernel/threads-max", "\n", ConstraintType.Threads)]
    [InlineData("sys/kernel/pid_max", "-1\n", ConstraintType.PidSpace)]
    public void A_source_that_cannot_be_read_is_a_problem(string file, string content, ConstraintType type)
    {
        _node.Files.WriteProc(file, content);

        var reading = _node.Find(type)!.Value;

        Assert.NotNull(reading.Problem);
        Assert.Equal((0UL, 0UL, false), (reading.Used, reading.Limit, reading.Refuses));
    }

    [Theory]
    [InlineData("/x/worker", 5000, 0, 4026531836)]
    [InlineData("/x", 5001, 0, 4026531836)]
    [InlineData("/x", 5000, 2, 4026531836)]
    [InlineData("/x", 5000, 0, 4026532999)]
    public void A_thread_with_limits_of_its_own_is_not_compared(string cgroup, int uid, int seccomp, ulong children)
    {
        _node.AddThread(CapturedNode.Pid);
        _node.AddThread(CapturedNode.Pid + 1);
        Assert.Equal(NotChecked.None, _node.Read().NotChecked);

        _node.AddThread(CapturedNode.Pid + 1, cgroup, uid, seccomp, children);
        Assert.Equal(NotChecked.OtherThreads, _node.Read().NotChecked);
    }

    [Fact]
    public void A_thread_that_has_ended_has_no_limits()
    {
        _node.AddThread(CapturedNode.Pid, "/", state: "Z (zombie)");
        _node.AddThread(CapturedNode.Pid + 1);

        Assert.Equal(NotChecked.None, _node.Read().NotChecked);
    }

    [Theory]
    [InlineData("6.13.0\n", "200 7", NotChecked.None)]
    [InlineData("6.14.0\n", "200 7", NotChecked.NestedPidMax)]
    [InlineData("7.0.0\n", "200 7", NotChecked.NestedPidMax)]
    [InlineData("6.18.0\n", "200", NotChecked.None)]
    public void From_6_14_a_nested_pid_namespace_has_a_limit_of_its_own(
        string release,
        string pids,
        NotChecked expected
    )
    {
        _node.Files.WriteProc("sys/kernel/osrelease", release);
        _node.AddProcess(CapturedNode.Pid, uid: 5000, pids: pids);

        Assert.Equal(expected, _node.Read().NotChecked);
    }

    [Fact]
    public void A_process_whose_children_go_into_a_nested_pid_namespace_is_under_that_limit_too()
    {
        _node.SetNamespaceForChildren(4026532481);

        Assert.Equal(NotChecked.NestedPidMax, _node.Read().NotChecked);
    }

    [Theory]
    [InlineData("6.14.0\n", 999, false)]
    [InlineData("6.14.0\n", 5000, false)]
    [InlineData("6.13.0\n", 5000, true)]
    public void A_reader_in_a_nested_pid_namespace_knows_only_a_bound_of_the_pid_space(
        string release,
        int tasks,
        bool isOfNode
    )
    {
        _node.Files.WriteProc("sys/kernel/osrelease", release);
        _node.SetOwnPidNamespace(4026532481);
        _node.SetTasks(tasks);

        var result = _node.Read();

        var reading = Assert.Single(result.Readings, reading => reading.Type == ConstraintType.PidSpace);
        Assert.Equal((isOfNode, !isOfNode), (reading.Refuses, reading.IsBound));
        Assert.Equal(((ulong)tasks, 1000UL), (reading.Used, reading.Limit));
        Assert.Equal(isOfNode ? NotChecked.None : NotChecked.OuterPidMax, result.NotChecked);
    }

    [Fact]
    public void A_reader_in_the_initial_pid_namespace_reads_the_limit_of_the_node()
    {
        _node.SetOwnPidNamespace(4026531836);
        _node.SetTasks(5000);

        Assert.True(_node.Find(ConstraintType.PidSpace)!.Value.Refuses);
        Assert.Equal(NotChecked.None, _node.Read().NotChecked);
    }

    [Fact]
    public void Cgroups_above_the_mount_are_not_checked()
    {
        _node.Files.Write("cgroup.type", "domain\n");

        Assert.Equal(NotChecked.OuterCgroups, _node.Read().NotChecked);
    }

    public void Dispose() => _node.Dispose();
}
