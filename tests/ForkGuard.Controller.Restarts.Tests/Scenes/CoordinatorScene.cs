using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Hosting;
using ForkGuard.Controller.Reconcilers;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ForkGuard.Controller.Restarts.Tests.Scenes;

/// <summary>
/// The part of the controller that restarts, before a scripted API server with a Deployment of two pods and a watch over them, on
/// a clock that only the test moves.
/// </summary>
internal sealed partial class CoordinatorScene : IAsyncDisposable
{
    internal const string Node = "node-a";
    internal const string LeaseUid = "lease-1";
    internal const string Pods = "api/v1/namespaces/shop/pods/";
    internal const string Budgets = "apis/policy/v1/namespaces/shop/poddisruptionbudgets/";
    internal const string Apps = "apis/apps/v1/namespaces/shop/";
    internal const string WatchPath = "apis/forkguard.io/v1alpha1/namespaces/shop/forkwatches/redis";
    private const string ClusterWatchPath = "apis/forkguard.io/v1alpha1/clusterforkwatches/redis";
    internal const string Switch = "api/v1/namespaces/forkguard/configmaps/forkguard-controller";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource _stop = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly ControllerTelemetry _telemetry = new();
    private readonly ApiClient _client;
    private readonly Caches _caches;
    private readonly RestartParts _parts;
    private readonly EvaluationParts _evaluation;
    private readonly WantedRestarts _wanted;
    private readonly ReportEvaluator _evaluator;
    private readonly LeaderTerm _term;
    private readonly Task _running;
    private readonly RecordedLog _log = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _counted = new();
    private WatchResource? _watch;

    private CoordinatorScene(Action<ScriptedApi>? with, RestartOptions? options)
    {
        Api = new ScriptedApi(Time);
        Put("api/v1/namespaces/", "shop", """{}""");
        Put(
            "api/v1/nodes/",
            Node,
            """{"metadata":{"labels":{"topology.kubernetes.io/zone":"zone-a"}},"status":{"conditions":[{"type":"Ready","status":"True"}]}}"""
        );
        Put(
            Apps + "deployments/",
            "redis",
            """{"spec":{"replicas":2,"progressDeadlineSeconds":60,"selector":{"matchLabels":{"app":"redis"}},"template":{"spec":{}}}}"""
        );
        Put(
            Apps + "replicasets/",
            "redis-1",
            """{"metadata":{"labels":{"app":"redis"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"redis","uid":"uid-of-redis","controller":true}]},"spec":{"selector":{"matchLabels":{"app":"redis"}}}}"""
        );
        AddPod("redis-1-a");
        AddPod("redis-1-b");
        PutWatch(spec => Workloads.Restarting(spec));
        with?.Invoke(Api);
        Clock = new ServerClock(Time);
        _client = new ApiClient(
            new KubernetesClientConfiguration { Host = "http://server" },
            Clock.Handler(),
            Api.Handler()
        );
        var health = new HealthRegistry(Time, TimeSpan.FromSeconds(1));
        var services = new RuntimeServices(Time, _metrics, health, _log);
        _caches = new Caches(_client, services);
        var cluster = new ClusterReader(_client, new ApiPipeline(Time));
        var controllerOptions = new ControllerOptions
        {
            Lease = new LeaderElectionOptions
            {
                Namespace = "forkguard",
                Name = ControllerOptions.LeaseName,
                Identity = "pod-1",
            },
            Restarts = options ?? new RestartOptions(),
        };
        _term = new LeaderTerm(Time, TimeSpan.FromDays(30), Time.GetTimestamp(), LeaseUid, transitions: 3);
        var queue = new EventQueue(NullLogger<EventQueue>.Instance);
        var recorder = new EventRecorder(_client, new ApiPipeline(Time), "forkguard", "pod-1", services);
        _evaluation = new EvaluationParts(_caches, controllerOptions, Time);
        _parts = new RestartParts(
            _client,
            cluster,
            _caches,
            Clock,
            () => _term,
            _evaluation,
            new EventPublisher(recorder, queue),
            controllerOptions,
            services,
            _telemetry
        );
        _wanted = WantedBy(new EventPublisher(recorder, queue));
        _evaluator = new ReportEvaluator(
            _evaluation.Trackers,
            new ProcessResolver(_caches.Pods, _telemetry),
            _caches.Pods,
            _caches.Namespaces,
            Time
        );
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_telemetry.Owns(instrument) && instrument.Name == "forkguard.restarts")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (_, _, tags, _) => _counted.Enqueue(string.Join(' ', tags.ToArray().Select(tag => tag.Value)))
        );
        _listener.Start();
        _running = Task.WhenAll(_caches.RunAsync(_stop.Token), queue.RunAsync(_stop.Token));
    }

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Processes are reported by what an earlier scan measured.</summary>
    internal TimeSpan KeptFor { get; set; }

    internal ScriptedApi Api { get; }

    internal ServerClock Clock { get; }

    internal LeaderTerm Term => _term;

    internal bool IsCircuitOpen => _parts.Reporter.IsCircuitOpen;

    /// <summary>The records of all workloads.</summary>
    internal IReadOnlyList<ForkRestart> Records =>
        [
            .. Api.All("apis/forkguard.io/v1alpha1/forkrestarts")
                .Select(record => record.Deserialize(ApiJson.Default.ForkRestart)!),
        ];

    /// <summary>The record of the Deployment; null if there is none.</summary>
    internal ForkRestart? Record => Api.Get(RecordPath)?.Deserialize(ApiJson.Default.ForkRestart);

    internal ForkRestartStatus? Status => Record?.Status;

    /// <summary>Method and result of each restart that the metric counted.</summary>
    internal IReadOnlyList<string> Counted => [.. _counted];

    /// <summary>The lines of the log.</summary>
    internal IReadOnlyList<string> Log => _log.Lines;

    /// <summary>The calls that remove a pod.</summary>
    internal IReadOnlyList<string> Evicted =>
        [.. Api.Requests.Where(request => request.IsEviction).Select(request => request.Path.Split('/')[^2])];

    internal static string RecordPath =>
        "apis/forkguard.io/v1alpha1/namespaces/shop/forkrestarts/"
        + new RecordKey("shop", OwnerOf("redis")).Resource.Name;

    internal static async Task<CoordinatorScene> BeginAsync(
        Action<ScriptedApi>? with = null,
        RestartOptions? options = null
    )
    {
        var scene = new CoordinatorScene(with, options);
        await Condition.HoldsAsync(() => scene._caches.All.All(cache => cache.IsSynced), "the caches", Stage.Cancelled);
        return scene;
    }

    /// <summary>Reports processes at these percentages, each of a pod, as the next scan of the node finds them.</summary>
    internal Task ReportAsync(params IReadOnlyList<(string Pod, int Percent)> processes) =>
        ReportLateAsync(TimeSpan.Zero, processes);

    /// <summary>The same, by a scan that was done some time before its report comes.</summary>
    internal async Task ReportLateAsync(TimeSpan late, params IReadOnlyList<(string Pod, int Percent)> processes)
    {
        await CachedAsync();
        _watch = WatchNow;
        _evaluation.Trackers.Put(_watch, Watch.From(_watch, out _)!, out _);
        // The first report of a node is not evaluated.
        for (var count = _evaluation.Readings.Of(Node) is null ? 2 : 1; count > 0; count--)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            var report = new NodeForkReport
            {
                Metadata = new ObjectMeta { Name = Node },
                Status = new NodeForkReportStatus
                {
                    ObservedTime = Time.GetUtcNow() - late,
                    Kernel = new KernelReport { OvercommitMode = 0 },
                    OmittedBelowPercent = 10,
                    Processes =
                    [
                        .. processes.Select(process =>
                            Process(process.Pod, process.Percent) with
                            {
                                MeasuredTime = Time.GetUtcNow() - late - KeptFor,
                            }
                        ),
                    ],
                },
            };
            _evaluation.Readings.Arrived(report);
            if (_evaluation.Readings.See(report) is { } reading)
            {
                _evaluator.Evaluate(reading);
            }
        }
    }

    /// <summary>Decides about a pod, or about the worst one that is wanted, by the watch of the last report.</summary>
    /// <param name="pod">Its name; null for the worst.</param>
    /// <param name="isSlow">The clock goes on while the API server is waited for.</param>
    /// <param name="cancellationToken">Ends the decision, in place of the end of the test.</param>
    internal async Task<IReadOnlyList<RestartBlock>> DecideAsync(
        string? pod = null,
        bool isSlow = false,
        CancellationToken? cancellationToken = null
    )
    {
        await CachedAsync();
        var tracker = _evaluation.Trackers.Of(_watch!)!;
        var state = tracker.Wanted.First(target => pod is null || target.Pod!.Name == pod);
        var token = cancellationToken ?? Stage.Cancelled;
        return await EndAsync(_parts.Restarter.TryAsync(tracker.Watch, _watch!, state, token), isSlow);
    }

    /// <summary>Does what is due for the record.</summary>
    /// <returns>The time until the next look.</returns>
    internal async Task<TimeSpan?> FollowAsync(bool isSlow = false, ForkRestart? record = null)
    {
        await CachedAsync();
        var followed = record ?? Record ?? Records[0];
        return (await EndAsync(_parts.Reconciler.ReconcileAsync(followed, Stage.Cancelled), isSlow)).RequeueAfter;
    }

    /// <summary>Handles the deletion of a record.</summary>
    internal Task ForgetAsync(ForkRestart record) => _parts.Reconciler.DeletedAsync(record, Stage.Cancelled);

    /// <summary>Waits for an event of the API server's.</summary>
    internal async Task<string> EventAsync(string reason, string kind)
    {
        string? note = null;
        await Condition.HoldsAsync(
            () =>
                (
                    note = Api
                        .Requests.Where(request =>
                            request.Method == "POST"
                            && request.Path.EndsWith("/events", StringComparison.Ordinal)
                            && request.Body.Contains($"\"{reason}\"", StringComparison.Ordinal)
                        )
                        .Select(request => JsonNode.Parse(request.Body)!)
                        .FirstOrDefault(body => InvolvedKind(body) == kind)
                        ?.ToJsonString()
                )
                    is not null,
            $"an event {reason} on a {kind}",
            Stage.Cancelled
        );
        return note!;
    }

    private static RestartOwner OwnerOf(string name) =>
        new()
        {
            ApiVersion = "apps/v1",
            Kind = "Deployment",
            Name = name,
        };

    private static string? InvolvedKind(JsonNode body) =>
        (body["involvedObject"] ?? body["regarding"])?["kind"]?.GetValue<string>();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // Cancelled by the test.
        }

        _listener.Dispose();
        _log.Dispose();
        _wanted.Dispose();
        _parts.Dispose();
        _term.Dispose();
        _client.Dispose();
        _telemetry.Dispose();
        _metrics.Dispose();
        _stop.Dispose();
    }

    /// <summary>Advances the clock by more than a stream lasts, and waits until all streams are open again.</summary>
    internal Task AdvanceAsync(TimeSpan by)
    {
        Time.Advance(by);
        return Condition.HoldsAsync(
            () =>
            {
                Reconnect();
                return _caches.All.All(cache => cache.DisconnectedFor is null && cache.SilentFor < by);
            },
            "streams that are open again",
            Stage.Cancelled
        );
    }

    /// <summary>Waits until the caches have what the API server delivered; one that reconnects waits for the clock.</summary>
    private Task CachedAsync() =>
        Condition.HoldsAsync(
            () =>
            {
                if (
                    Has(_caches.Pods, "api/v1/pods", pod => pod.Metadata)
                    && Has(_caches.Nodes, "api/v1/nodes", node => node.Metadata)
                    && Has(_caches.ForkRestarts, "apis/forkguard.io/v1alpha1/forkrestarts", record => record.Metadata)
                )
                {
                    return true;
                }

                Reconnect();
                return false;
            },
            "caches that have caught up",
            Stage.Cancelled
        );

    private void Reconnect()
    {
        if (_caches.All.Any(cache => cache.DisconnectedFor is not null))
        {
            Time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    private bool Has<T>(IResourceCache<T> cache, string collection, Func<T, ObjectMeta?> metadataOf)
        where T : class =>
        cache
            .List()
            .Select(held => metadataOf(held)?.ResourceVersion ?? "")
            .Order(StringComparer.Ordinal)
            .SequenceEqual(Api.Delivered(collection).Order(StringComparer.Ordinal), StringComparer.Ordinal);

    private async Task<T> EndAsync<T>(Task<T> task, bool isSlow)
    {
        // Only a wait of the program lets time pass, however slow the machine is.
        while (isSlow && !task.IsCompleted)
        {
            var count = Api.Requests.Count;
            await Task.WhenAny(task, Task.Delay(Api.IsHeld ? Short : Long, Stage.Cancelled));
            if (Api.IsHeld || Api.Requests.Count == count)
            {
                Time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        return await task.WaitAsync(Limit, Stage.Cancelled);
    }

    private static ProcessReport Process(string pod, int percent) =>
        Workloads.Bound(Workloads.Constraint(percent)) with
        {
            Pid = 7,
            Command = "redis-server",
            Pod = new PodReference
            {
                Namespace = "shop",
                Name = pod,
                Uid = "uid-of-" + pod,
            },
            Container = new ContainerReference { Name = "redis", Id = "0123" },
        };
}
