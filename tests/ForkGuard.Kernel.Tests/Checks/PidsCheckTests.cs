using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Tests.Checks;

public sealed class PidsCheckTests : IDisposable
{
    private readonly CapturedNode _node = new();

    [Fact]
    public void The_reading_is_that_of_the_tightest_ancestor()
    {
        Set("a/b/c", 10, 100);
        Set("a/b", 80, 100);
        Set("a", 81, 200);

        var reading = Read("/a/b/c")!.Value;

        Assert.Equal(("/a/b", 80, false), (reading.ScopeName, reading.Percent, reading.Refuses));
    }

    /// <summary>The ancestor is read later: a task of both has ended between.</summary>
    [Fact]
    public void Of_equal_limits_that_of_the_ancestor_is_reached_first()
    {
        Set("a/b", 81, 100);
        Set("a", 80, 100);

        Assert.Equal("/a", Read("/a/b")!.Value.ScopeName);
    }

    [Fact]
    public void An_ancestor_that_refuses_comes_before_one_that_cannot_be_read()
    {
        Set("a/b", 10, 10);
        _node.Files.Write("a/pids.max", "");

        var reading = Read("/a/b")!.Value;

        Assert.True(reading.Refuses);
        Assert.Null(reading.Problem);
    }

    [Theory]
    [InlineData("", "5\n")]
    [InlineData("-1\n", "5\n")]
    [InlineData("10\n", "")]
    [InlineData("10\n", "many\n")]
    public void An_ancestor_that_cannot_be_read_hides_one_that_grants(string max, string current)
    {
        Set("a/b", 1, 10);
        _node.Files.Write("a/pids.max", max);
        _node.Files.Write("a/pids.current", current);

        var reading = Read("/a/b")!.Value;

        Assert.Contains("/a:", reading.Problem, StringComparison.Ordinal);
        Assert.Equal((0UL, 0UL, false), (reading.Used, reading.Limit, reading.Refuses));
        Assert.Null(_node.Find(ConstraintType.Threads)!.Value.Problem);
    }

    [Fact]
    public void A_limit_without_usage_cannot_be_evaluated()
    {
        _node.Files.Write("a/pids.max", "10\n");

        Assert.NotNull(Read("/a")!.Value.Problem);
    }

    [Fact]
    public void Long_paths_of_other_hierarchies_hide_no_limit()
    {
        Set("a", 10, 10);
        var others = Enumerable.Range(1, 5).Select(number => $"{number}:name=n{number}:/{new string('y', 4000)}\n");
        _node.Files.WriteProc("100/cgroup", string.Concat(others) + "0::/a\n");

        Assert.True(_node.Find(ConstraintType.Pids)!.Value.Refuses);
    }

    [Fact]
    public void A_removed_cgroup_has_no_limit() => Assert.Null(Read("/gone"));

    [Fact]
    public void A_scan_leaves_out_what_is_below_its_level()
    {
        Set("x", 69, 100);
        Assert.Empty(_node.Scan(levelPercent: 70));
        Set("x", 70, 100);
        Assert.Equal(70, Assert.Single(_node.Scan(levelPercent: 70)).Percent);
    }

    [Fact]
    public void A_limit_that_all_tasks_of_the_node_cannot_reach_is_not_compared()
    {
        _node.Files.Write("x/pids.max", "1000\n");
        _node.Files.Write("x/pids.current", "malformed\n");
        Assert.Empty(_node.Scan(levelPercent: 11));
        Assert.NotNull(Assert.Single(_node.Scan(levelPercent: 10)).Problem);
    }

    public void Dispose() => _node.Dispose();

    private void Set(string cgroup, int current, int max)
    {
        _node.Files.Write($"{cgroup}/pids.current", $"{current}\n");
        _node.Files.Write($"{cgroup}/pids.max", $"{max}\n");
    }

    private ForkGuard.Kernel.Checks.ConstraintReading? Read(string cgroup)
    {
        _node.AddProcess(CapturedNode.Pid, uid: 5000, cgroup: cgroup);
        return _node.Find(ConstraintType.Pids);
    }
}
