using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;
using Microsoft.Extensions.Time.Testing;

namespace ForkGuard.Controller.Restarts.Tests;

public sealed class ReplacementReaderTests
{
    private const string Node = "node-1";
    private const string Uid = "uid-2";

    private static readonly DateTimeOffset Decided = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Decided);
    private readonly FakeCache<Pod> _pods = new(pod => new ResourceKey(pod.Metadata!.Namespace!, pod.Metadata.Name!));
    private readonly NodeReadings _readings;
    private readonly ReplacementReader _reader;

    public ReplacementReaderTests()
    {
        PutPod(Uid);
        _readings = new NodeReadings(_time);
        _reader = new ReplacementReader(_readings, _pods, _time);
    }

    [Fact]
    public void A_pod_that_took_the_place_of_the_replacement_proves_nothing()
    {
        Report(Constraint(ConstraintType.Pids, 5, limit: 100));
        PutPod("uid-3");

        Assert.Null(Read(ConstraintType.Pids));
    }

    [Fact]
    public void A_node_without_a_report_proves_nothing() => Assert.Null(Read(ConstraintType.Pids));

    [Fact]
    public void A_reading_is_as_old_as_its_report()
    {
        Report(Constraint(ConstraintType.Pids, 5, limit: 100));
        var seen = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(40));

        Assert.Equal(seen, Read(ConstraintType.Pids)?.SeenTime);
    }

    [Fact]
    public void A_reading_of_a_late_report_is_as_old_as_its_scan()
    {
        Report(Constraint(ConstraintType.Pids, 5, limit: 100));
        Scan(TimeSpan.FromMinutes(3), [Entry("redis", "redis-server", Constraint(ConstraintType.Pids, 5, limit: 100))]);

        Assert.Equal(_time.GetUtcNow().AddMinutes(-3), Read(ConstraintType.Pids)?.SeenTime);
    }

    [Fact]
    public void Another_command_of_the_container_shows_the_tasks_of_the_container()
    {
        Report(Entry("redis", "java", Constraint(ConstraintType.Pids, 95, limit: 100)));

        Assert.Equal(ProofLevel.AtOrAbove, Read(ConstraintType.Pids)?.Level);
    }

    [Fact]
    public void Another_pod_of_the_node_proves_nothing()
    {
        Report(
            Entry("redis", "redis-server", Constraint(ConstraintType.Pids, 5, limit: 100)),
            Entry("redis", "redis-server", Constraint(ConstraintType.Pids, 99, limit: 100)) with
            {
                Pod = PodOf("redis-9", "uid-9"),
            }
        );

        Assert.Equal(ProofLevel.Below, Read(ConstraintType.Pids)?.Level);
    }

    private void PutPod(string uid) =>
        _pods.Put(
            new Pod
            {
                Metadata = new ObjectMeta
                {
                    Name = "redis-1",
                    Namespace = "shop",
                    Uid = uid,
                },
            }
        );

    [Fact]
    public void A_level_that_is_reached_again_counts_also_beside_another_limit()
    {
        Report(Constraint(ConstraintType.Pids, 95, limit: 100), Constraint(ConstraintType.Pids, 5, limit: 500));

        Assert.Equal(ProofLevel.AtOrAbove, Read(ConstraintType.Pids)?.Level);
    }

    /// <summary>A process shows the tightest of its cgroups, which may be a slice around the unit.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(95)]
    public void Another_limit_alone_proves_nothing(int percent)
    {
        Report(Constraint(ConstraintType.Pids, percent, limit: 500));

        Assert.Equal(ProofLevel.Changed, Read(ConstraintType.Pids)?.Level);
    }

    [Theory]
    [InlineData(-60, ProofLevel.Below)]
    [InlineData(60, ProofLevel.Changed)]
    public void A_limit_that_moved_since_the_decision_proves_nothing(int second, ProofLevel level)
    {
        Report(Constraint(ConstraintType.LargestMapping, 5, limit: 100));
        _readings.Note(_readings.Of(Node)!, Decided.AddSeconds(second), _time.GetUtcNow());

        Assert.Equal(level, Read(ConstraintType.LargestMapping, ConstraintScope.Process)?.Level);
    }

    [Fact]
    public void The_limit_of_another_container_does_not_end_the_proof()
    {
        Report(
            Entry("redis", "redis-server", Constraint(ConstraintType.Pids, 5, limit: 100)),
            Entry("sidecar", "agent", Constraint(ConstraintType.Pids, 5, limit: 500))
        );

        Assert.Equal(ProofLevel.Below, Read(ConstraintType.Pids)?.Level);
    }

    [Fact]
    public void The_limit_of_the_pod_is_not_compared_with_that_of_its_container()
    {
        Report(
            Entry(
                "redis",
                "redis-server",
                Constraint(ConstraintType.Pids, 5, limit: 500) with
                {
                    Scope = ConstraintScope.Pod,
                }
            )
        );

        Assert.Equal(ProofLevel.Below, Read(ConstraintType.Pids)?.Level);
    }

    [Fact]
    public void Another_command_that_is_full_is_no_failure_of_the_restart()
    {
        Report(
            Entry("redis", "redis-server", Constraint(ConstraintType.LargestMapping, 5, limit: 100)),
            Entry("redis", "java", Constraint(ConstraintType.LargestMapping, 99, limit: 100))
        );

        Assert.Equal(ProofLevel.Below, Read(ConstraintType.LargestMapping, ConstraintScope.Process)?.Level);
    }

    [Theory]
    [InlineData("sidecar", "agent", ProofLevel.AtOrAbove)]
    [InlineData("redis", "redis-server", ProofLevel.AtOrAbove)]
    public void Tasks_of_the_pod_count_in_whichever_entry_they_are(string container, string command, ProofLevel level)
    {
        Report(
            Entry(
                container,
                command,
                Constraint(ConstraintType.Pids, 95, limit: 100) with
                {
                    Scope = ConstraintScope.Pod,
                }
            )
        );

        Assert.Equal(level, Read(ConstraintType.Pids, ConstraintScope.Pod)?.Level);
    }

    // The replacement was Ready five minutes after the decision.
    private ReplacementReading? Read(ConstraintType type, ConstraintScope scope = ConstraintScope.Container) =>
        _reader.Read(
            new RestartRun
            {
                Watch = new WatchReference
                {
                    Kind = "ForkWatch",
                    Namespace = "shop",
                    Name = "redis",
                    Uid = "watch-1",
                },
                Pod = PodOf("redis-0", "uid-1"),
                Node = Node,
                Constraint = type,
                Scope = scope,
                Container = "redis",
                Command = "redis-server",
                Limit = 100,
                ActAtPercent = 90,
                Method = RestartMethod.Evict,
                Reason = "95 %",
                OwnerUid = "owner-1",
                ControllerUid = "set-1",
                Siblings = ["uid-1"],
                ReplaceWithinSeconds = 900,
                DecidedTime = Decided,
                Replacement = new ReplacementPod
                {
                    Pod = PodOf("redis-1", Uid),
                    Node = Node,
                    SeenTime = Decided.AddMinutes(5),
                },
            },
            _time.GetUtcNow()
        );

    private void Report(params IReadOnlyList<ConstraintReport> constraints) =>
        Report([.. constraints.Select(constraint => Entry("redis", "redis-server", constraint))]);

    private static ProcessReport Entry(string container, string command, ConstraintReport constraint) =>
        Workloads.Bound(constraint) with
        {
            Command = command,
            Container = new ContainerReference { Name = container },
            Pod = PodOf("redis-1", Uid),
        };

    private void Report(params IReadOnlyList<ProcessReport> processes)
    {
        for (var second = 0; second < 2; second++)
        {
            Scan(TimeSpan.Zero, processes);
        }
    }

    /// <summary>Reports a scan that was done some time before its report comes.</summary>
    private void Scan(TimeSpan late, IReadOnlyList<ProcessReport> processes)
    {
        _time.Advance(TimeSpan.FromMinutes(5));
        var report = new NodeForkReport
        {
            Metadata = new ObjectMeta { Name = Node },
            Status = new NodeForkReportStatus
            {
                ObservedTime = _time.GetUtcNow() - late,
                Kernel = new KernelReport { OvercommitMode = 0 },
                OmittedBelowPercent = 10,
                Processes = processes,
            },
        };
        _readings.Arrived(report);
        _readings.See(report);
    }

    private static ConstraintReport Constraint(ConstraintType type, int percent, long limit) =>
        new()
        {
            Type = type,
            Scope = type == ConstraintType.LargestMapping ? ConstraintScope.Process : ConstraintScope.Container,
            Percent = percent,
            Limit = limit,
        };

    private static PodReference PodOf(string name, string uid) =>
        new()
        {
            Namespace = "shop",
            Name = name,
            Uid = uid,
        };
}
