using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Risk;
using Microsoft.Extensions.Time.Testing;

namespace ForkGuard.Controller.Tests.Evaluation;

/// <summary>One watch without a hold over the pods of a node, and the reports of that node.</summary>
internal sealed class OneWatch : IDisposable
{
    internal const string Node = "node-1";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeCache<Pod> _pods = new(
        pod => new ResourceKey(pod.Metadata!.Namespace!, pod.Metadata.Name!),
        (pod, _) => pod.CgroupUids()
    );
    private readonly ControllerTelemetry _telemetry = new();
    private readonly ReportEvaluator _evaluator;
    private NodeReading? _last;
    private long _generation = 1;

    internal OneWatch(Func<ForkWatchSpec, ForkWatchSpec>? with = null)
        : this(InShop(with ?? (spec => spec), generation: 1)) { }

    private OneWatch(WatchResource resource)
    {
        Trackers = new TargetTrackers(_time);
        Tracker = Trackers.Put(resource, Watch.From(resource, out _)!, out _);
        var namespaces = new FakeCache<Namespace>(space => new ResourceKey("", space.Metadata!.Name!));
        _evaluator = new ReportEvaluator(Trackers, new ProcessResolver(_pods, _telemetry), _pods, namespaces, _time);
        PutPod("redis-0");
    }

    /// <summary>A watch over all host processes, or those of some commands.</summary>
    internal static OneWatch OfHosts(params IReadOnlyList<string> commands) =>
        new(
            WatchResource.Of(
                new ClusterForkWatch
                {
                    Metadata = new ObjectMeta { Name = "w" },
                    Spec = new ClusterForkWatchSpec
                    {
                        HostProcesses = new HostProcessSelector(),
                        Commands = commands,
                        HoldSeconds = 0,
                    },
                }
            )
        );

    internal TargetTrackers Trackers { get; }

    internal TargetTracker Tracker { get; private set; }

    /// <summary>All that was announced so far, as in <c>ForkAtRisk Pids</c>.</summary>
    internal IReadOnlyList<string> Announced =>
        [
            .. Tracker.Notifications.Select(notification =>
                $"{notification.Announcement.Type} {notification.State.Constraint.Type}"
            ),
        ];

    /// <summary>Changes the spec of a watch over pods.</summary>
    internal void Change(Func<ForkWatchSpec, ForkWatchSpec> with)
    {
        var resource = InShop(with, ++_generation);
        Tracker = Trackers.Put(resource, Watch.From(resource, out _)!, out _);
    }

    /// <summary>Evaluates the last report again, as after a change of the spec.</summary>
    internal void Begin() => _evaluator.EvaluateLast(Tracker, _last!);

    private static WatchResource InShop(Func<ForkWatchSpec, ForkWatchSpec> with, long generation) =>
        WatchResource.Of(
            new ForkWatch
            {
                Metadata = new ObjectMeta
                {
                    Name = "w",
                    Namespace = "shop",
                    Generation = generation,
                },
                Spec = with(Workloads.Spec()),
            }
        );

    /// <summary>Puts a pod of the containers redis and sidecar.</summary>
    internal void PutPod(string name, string app = Stage.App) =>
        _pods.Put(
            new Pod
            {
                Metadata = new ObjectMeta
                {
                    Name = name,
                    Namespace = "shop",
                    Uid = "uid-of-" + name,
                    Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = app },
                },
                Spec = new PodSpec
                {
                    NodeName = Node,
                    Containers = [new PodContainer { Name = Stage.App }, new PodContainer { Name = "sidecar" }],
                },
            }
        );

    /// <summary>A process of a container of redis-0.</summary>
    internal static ProcessReport Process(
        string command,
        string container,
        params IReadOnlyList<ConstraintReport> constraints
    ) =>
        Workloads.Bound(constraints) with
        {
            Pid = 7,
            Command = command,
            Pod = new PodReference
            {
                Namespace = "shop",
                Name = "redis-0",
                Uid = "uid-of-redis-0",
            },
            Container = new ContainerReference { Name = container },
        };

    /// <summary>Reports at the next scan.</summary>
    internal void Report(int? omittedBelow, params IReadOnlyList<ProcessReport> processes) =>
        Report(status => status with { OmittedBelowPercent = omittedBelow, Processes = processes });

    internal void Report(Func<NodeForkReportStatus, NodeForkReportStatus> with)
    {
        _time.Advance(TimeSpan.FromSeconds(15));
        var now = _time.GetUtcNow();
        var status = with(
            new NodeForkReportStatus
            {
                ObservedTime = now,
                Kernel = new KernelReport { OvercommitMode = 0 },
            }
        );
        _last = new NodeReading
        {
            Node = Node,
            Status = status with
            {
                Processes = [.. (status.Processes ?? []).Select(p => p with { MeasuredTime = now })],
            },
            SeenTimestamp = _time.GetTimestamp(),
            ScanInterval = TimeSpan.FromSeconds(15),
            ReportAtPercent = 10,
        };
        _evaluator.Evaluate(_last);
    }

    /// <summary>What the watch's own turn does a time later, without a report in between.</summary>
    internal void Wait(TimeSpan time, bool isSilent = false)
    {
        _time.Advance(time);
        Tracker.Repeat(_ => isSilent, TimeSpan.FromMinutes(11), _time.GetUtcNow());
    }

    /// <summary>What the watch's own turn does with targets that the watch does not select.</summary>
    internal void Prune(bool hasPod = true) =>
        Tracker.Prune(
            _ => false,
            state => hasPod && Tracker.Watch.Selects(state.Process, state.Constraint),
            TimeSpan.FromMinutes(11),
            _time.GetUtcNow()
        );

    /// <summary>What the watch's own turn does once no pod is there any more.</summary>
    /// <returns>Targets are still recovering.</returns>
    internal bool PruneGone() => Tracker.Prune(_ => true, _ => true, TimeSpan.FromMinutes(11), _time.GetUtcNow());

    /// <summary>The level of the only target of a constraint; null if there is none.</summary>
    internal RiskLevel? LevelOf(ConstraintType type) =>
        Tracker.Targets.SingleOrDefault(target => target.Constraint.Type == type)?.Level;

    public void Dispose() => _telemetry.Dispose();
}
