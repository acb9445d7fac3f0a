using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Tests.Scenes;

namespace ForkGuard.Controller.Tests.Evaluation;

/// <summary>Targets of a watch over host processes.</summary>
public sealed class HostTargetTests : IDisposable
{
    private readonly OneWatch _watch = OneWatch.OfHosts();

    public void Dispose() => _watch.Dispose();

    /// <summary>Docker with the cgroupfs driver: containers without a unit.</summary>
    [Fact]
    public void Cgroups_without_a_unit_are_announced_and_recover_each()
    {
        var (first, second) = (Pids("/docker/a", 95), Pids("/docker/b", 92));
        _watch.Report(null, Process("redis-server", null, first), Process("redis-server", null, second));
        Assert.Equal(["/docker/a 95", "/docker/b 92"], Targets);

        _watch.Report(null, Process("redis-server", null, second));

        Assert.Equal(["/docker/b 92"], Targets);
        Assert.Equal(["ForkAtRisk Pids", "ForkAtRisk Pids", "ForkRecovered Pids"], _watch.Announced);
    }

    [Fact]
    public void Tasks_of_a_cgroup_are_one_target_whichever_command_shows_them()
    {
        _watch.Report(null, Process("redis-server", null, Pids("/docker/a", 95)));
        _watch.Report(null, Process("sh", null, Pids("/docker/a", 96)));
        Assert.Equal(["/docker/a 96"], Targets);
        Assert.Equal(["ForkAtRisk Pids"], _watch.Announced);
    }

    [Theory]
    [InlineData("/system.slice")]
    [InlineData(null)]
    public void Memory_of_twelve_commands_of_a_unit_is_one_target(string? cgroup)
    {
        var workers = Enumerable
            .Range(80, 12)
            .Select(percent => Process($"worker-{percent}", "web.service", Memory(cgroup, percent)));
        _watch.Report(null, [.. workers]);
        Assert.Equal([$"{cgroup} 91"], Targets);
        Assert.Equal(["ForkAtRisk ContainerMemory"], _watch.Announced);
    }

    [Fact]
    public void Memory_of_commands_without_a_unit_is_a_target_each()
    {
        _watch.Report(null, Process("make", null, Memory(null, 95)), Process("cc1", null, Memory(null, 92)));
        Assert.Equal([" 92", " 95"], Targets);
    }

    [Fact]
    public void Users_without_a_unit_are_a_target_each()
    {
        _watch.Report(null, Process("make", null, TasksOf("1000", 95)), Process("make", null, TasksOf("1001", 92)));
        Assert.Equal(["1000 95", "1001 92"], Targets);
    }

    [Fact]
    public void A_slice_that_becomes_tighter_than_a_unit_is_no_recovery_of_the_unit()
    {
        _watch.Report(null, Process("php-fpm", "web.service", Pids("/system.slice/web.service", 92)));
        _watch.Report(null, Process("php-fpm", "web.service", Pids("/system.slice", 93)));
        Assert.Equal(["/system.slice 93", "/system.slice/web.service 92"], Targets);
        Assert.DoesNotContain("ForkRecovered Pids", _watch.Announced, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("/system.slice/web.service", 1)]
    [InlineData("/system.slice/web.service/worker", 0)]
    [InlineData("…0123456789abcdef…/worker", 0)]
    public void Tasks_of_a_unit_count_for_a_command_whose_entry_does_not_have_them(string cgroup, int targets)
    {
        using var watch = OneWatch.OfHosts("nginx");
        var nginx = Process("nginx", "web.service", Workloads.Constraint(20));
        watch.Report(null, Process("worker", "web.service", Pids(cgroup, 95)), nginx);
        Assert.Equal(targets, watch.Announced.Count(announced => announced == "ForkAtRisk Pids"));
    }

    [Theory]
    [InlineData(ConstraintScope.Container, "/kubepods/pod/redis", "uid")]
    [InlineData(ConstraintScope.Pod, "/kubepods/pod", "uid")]
    [InlineData(ConstraintScope.Process, null, "uid")]
    [InlineData(ConstraintScope.Cgroup, "/system.slice/web.service", null)]
    [InlineData(ConstraintScope.User, "1000", null)]
    public void The_next_leader_finds_the_target_in_the_status(ConstraintScope scope, string? name, string? podUid)
    {
        var constraint = Workloads.Pids(95) with { Scope = scope, ScopeName = name };
        var pod = podUid is null
            ? null
            : new PodReference
            {
                Namespace = "shop",
                Name = "redis-0",
                Uid = podUid,
            };
        var process = OneWatch.Process("redis-server", Stage.App, constraint) with
        {
            Pod = pod,
            Container = pod is null ? null : new ContainerReference { Name = Stage.App },
            SystemdUnit = pod is null ? "web.service" : null,
        };
        var state = new TargetState
        {
            Target = Target.Of(podUid, OneWatch.Node, process, constraint),
            Node = OneWatch.Node,
            Pod = pod,
            Process = process,
            Constraint = constraint,
            OvercommitMode = 0,
            SeenTimestamp = null,
            Memory = new() { EvaluatedTime = default, EvidenceTime = default },
            Level = default,
            Action = TargetTracker.NoAction,
        };
        Assert.Equal(state.Target, Target.Of(TargetMemory.StatusOf(state)));
    }

    private IReadOnlyList<string> Targets =>
        [
            .. _watch
                .Tracker.Targets.Select(target => $"{target.Constraint.ScopeName} {target.Constraint.Percent}")
                .Order(StringComparer.Ordinal),
        ];

    private static ProcessReport Process(string command, string? unit, ConstraintReport constraint) =>
        Workloads.Bound(constraint) with
        {
            Pid = 7,
            Command = command,
            SystemdUnit = unit,
        };

    private static ConstraintReport Pids(string cgroup, int percent) =>
        Workloads.Pids(percent) with
        {
            Scope = ConstraintScope.Cgroup,
            ScopeName = cgroup,
        };

    private static ConstraintReport Memory(string? cgroup, int percent) =>
        Workloads.Pids(percent) with
        {
            Type = ConstraintType.ContainerMemory,
            Scope = cgroup is null ? ConstraintScope.Node : ConstraintScope.Cgroup,
            ScopeName = cgroup,
        };

    private static ConstraintReport TasksOf(string uid, int percent) =>
        Workloads.Pids(percent) with
        {
            Type = ConstraintType.UserProcesses,
            Scope = ConstraintScope.User,
            ScopeName = uid,
        };
}
