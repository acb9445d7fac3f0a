using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>What a gate is asked, and what it answers; the time is noon.</summary>
internal sealed record RestartGateCase(BlockReason Reason, string Message, GateInput Input);

/// <summary>The facts that pass every gate, with one change each.</summary>
internal static class RestartGateCases
{
    public static GateInput Given =>
        new(Record: null, GivenRestart.Request, GivenRestart.Facts, RestartBudget.Default, Risk.Given.Start);

    public static IReadOnlyDictionary<string, RestartGateCase> All =>
        new Dictionary<string, RestartGateCase>(StringComparer.Ordinal)
        {
            ["another controller leads"] = No(
                BlockReason.NotLeader,
                "another controller leads",
                facts => facts with { IsLeader = false }
            ),
            ["another installation lives"] = No(
                BlockReason.Conflict,
                "another installation restarts this workload (pod-9)",
                facts => facts with { OtherInstallation = "pod-9" }
            ),
            ["the record is of a later version"] = No(
                BlockReason.Conflict,
                "the record is in state Weighing, which this version does not know",
                new ForkRestartStatus { State = new OpenEnum<RestartState>("Weighing") }
            ),
            ["restarts are switched off"] = No(
                BlockReason.SwitchedOff,
                "the ConfigMap has restarts: Off",
                facts => facts with { SwitchedOff = "the ConfigMap has restarts: Off" }
            ),
            ["the circuit breaker is open"] = No(
                BlockReason.CircuitOpen,
                "3 restarts in the cluster failed within an hour; no restarts before 12:50:00 UTC",
                facts => facts with { Failures = [new(At(-4000)), new(At(-2000)), new(At(-600))] }
            ),
            ["the reading is older than three scans"] = No(
                BlockReason.StaleReading,
                "the reading of node node-a is 46 s old (three scans are 45 s)",
                request => request with { ReadingAge = TimeSpan.FromSeconds(45.001) }
            ),
            ["the reading is of an earlier controller"] = No(
                BlockReason.StaleReading,
                "no report of node node-a names the pod since this controller started",
                request => request with { ReadingAge = null }
            ),
            ["a cache is behind"] = No(
                BlockReason.StaleCache,
                "the cache of pods is behind",
                facts => facts with { StaleCache = "the cache of pods is behind" }
            ),
            ["the watch was changed"] = No(
                BlockReason.StaleCache,
                "the watch was changed",
                facts => facts with { StaleWatch = "the watch was changed" }
            ),
            ["the pod is gone"] = No(BlockReason.ReportMismatch, "the pod is gone", facts => facts with { Pod = null }),
            ["the pod was replaced"] = No(
                BlockReason.ReportMismatch,
                "the pod was replaced by another one of the same name",
                Pod(pod => pod with { Uid = "uid-9" })
            ),
            ["another node reported it"] = No(
                BlockReason.ReportMismatch,
                "the pod runs on node node-b, and node node-a reported it",
                Pod(pod => pod with { Node = "node-b" })
            ),
            ["the watch does not select it any more"] = No(
                BlockReason.ReportMismatch,
                "ForkWatch shop/redis does not select the pod any more",
                facts => facts with { Mismatch = "ForkWatch shop/redis does not select the pod any more" }
            ),
            ["the pod is ending"] = No(
                BlockReason.Terminating,
                "the pod is ending already",
                Pod(pod => pod with { IsTerminating = true })
            ),
            ["a sibling is ending"] = No(
                BlockReason.SiblingTerminating,
                "pod redis-uid-3 of Deployment redis is ending",
                facts =>
                    facts with
                    {
                        Siblings = [.. facts.Siblings.Take(2), GivenRestart.Sibling("uid-3", terminating: true)],
                    }
            ),
            ["the node is not Ready"] = No(
                BlockReason.NodeNotReady,
                "node node-a is not Ready",
                facts => facts with { Node = facts.Node! with { IsReady = false } }
            ),
            ["the node is cordoned"] = No(
                BlockReason.NodeDraining,
                "node node-a is cordoned",
                facts => facts with { Node = facts.Node! with { IsDraining = true } }
            ),
            // A static pod has no owner that replaces it, and its cgroup carries the hash of its file for a uid.
            ["the kubelet runs it"] = No(
                BlockReason.Static,
                "the kubelet runs a static pod from a file, and it is never restarted",
                facts => facts with { Pod = facts.Pod! with { IsStatic = true, Uid = "mirror" }, Owner = null }
            ),
            ["it is critical"] = No(
                BlockReason.Critical,
                "the pod has a system-critical priority",
                Pod(pod => pod with { IsCritical = true })
            ),
            ["nothing replaces it"] = No(
                BlockReason.Unmanaged,
                "the pod has no controller, or its owner is gone: nothing would replace it",
                facts => facts with { Owner = null }
            ),
            ["it is a Job's"] = No(BlockReason.Job, "the work of Job import would be lost", Owner("Job", "import")),
            ["it is a CronJob's"] = No(
                BlockReason.Job,
                "the work of CronJob nightly would be lost",
                Owner("CronJob", "nightly")
            ),
            ["it runs to completion"] = No(
                BlockReason.Job,
                "the work of Deployment redis would be lost",
                Pod(pod => pod with { RunsToCompletion = true })
            ),
            ["an annotation forbids it"] = No(
                BlockReason.OptedOut,
                "annotation forkguard.io/restart=false on the pod",
                Pod(pod => pod with { OptOut = "annotation forkguard.io/restart=false on the pod" })
            ),
            ["it has an emptyDir"] = No(
                BlockReason.LocalStorage,
                "the data in the pod's emptyDir would be lost (restart.allowLocalStorage is false)",
                Pod(pod => pod with { HasLocalStorage = true })
            ),
            ["restarts did not help"] = No(
                BlockReason.GaveUp,
                "3 restarts within a day did not help (restart.maxIneffectiveRestarts is 3)",
                GivenRestart.Past(
                    GivenRestart.Ended(-5000, RestartResult.DidNotHelp),
                    GivenRestart.Ended(-20_000, RestartResult.DidNotHelp),
                    GivenRestart.Ended(-40_000, RestartResult.DidNotHelp)
                )
            ),
            ["three superseded restarts count as one"] = No(
                BlockReason.GaveUp,
                "1 restarts within a day did not help (restart.maxIneffectiveRestarts is 1)",
                request => request with { Policy = request.Policy with { MaxIneffectiveRestarts = 1 } },
                GivenRestart.Past(
                    GivenRestart.Ended(-5000, RestartResult.Superseded),
                    GivenRestart.Ended(-20_000, RestartResult.Superseded),
                    GivenRestart.Ended(-40_000, RestartResult.Superseded)
                )
            ),
            ["restarts did not help before another object owned the workload"] = No(
                BlockReason.GaveUp,
                "3 restarts within a day did not help (restart.maxIneffectiveRestarts is 3)",
                Former(
                    GivenRestart.Ended(-5000, RestartResult.DidNotHelp),
                    GivenRestart.Ended(-20_000, RestartResult.DidNotHelp),
                    GivenRestart.Ended(-40_000, RestartResult.DidNotHelp)
                )
            ),
            ["it is the only replica"] = No(
                BlockReason.MinReadyReplicas,
                "0 other replicas of Deployment redis are Ready (restart.minReadyReplicas is 1)",
                facts => facts with { Siblings = [facts.Siblings[0], GivenRestart.Sibling("uid-2", ready: false)] }
            ),
            ["no window is open"] = No(
                BlockReason.OutsideWindow,
                "no restart window is open",
                request =>
                    request with
                    {
                        Policy = request.Policy with
                        {
                            Windows = [new RestartWindow { Start = "11:00", End = "12:00" }],
                        },
                    }
            ),
            ["the workload was restarted"] = No(
                BlockReason.Cooldown,
                "a restart was requested at 11:30:00 UTC, 30 min of the cooldown of ClusterForkWatch all are left",
                GivenRestart.Cooling(-1800, 1800, "ClusterForkWatch all")
            ),
            ["a watch with a longer cooldown was added"] = No(
                BlockReason.Cooldown,
                "a restart was requested at 10:00:00 UTC, 60 min of the cooldown of ForkWatch shop/slow are left",
                request => request with { Cooldown = TimeSpan.FromHours(3), CooldownWatch = "ForkWatch shop/slow" },
                GivenRestart.Cooling(-7200, -3600)
            ),
            ["another pod of the workload is being restarted"] = No(
                BlockReason.Cooldown,
                "a restart of pod redis-uid-1 of the same workload is in progress (Called)",
                request => request with { Pod = GivenRestart.PodOf("uid-2") },
                GivenRestart.Called()
            ) with
            {
                Input = Given with
                {
                    Record = GivenRestart.Called(),
                    Request = GivenRestart.Request with { Pod = GivenRestart.PodOf("uid-2") },
                    Facts = GivenRestart.Facts with { Pod = GivenRestart.Pod with { Uid = "uid-2" } },
                },
            },
            ["it was restarted 24 times today"] = No(
                BlockReason.Cooldown,
                "24 restarts of the workload within a day (at most 24)",
                GivenRestart.Past([
                    .. Enumerable.Range(1, 24).Select(i => GivenRestart.Ended(-3500 * i, RestartResult.Helped)),
                ])
            ),
            ["it was restarted 24 times today, also before another object owned it"] = No(
                BlockReason.Cooldown,
                "24 restarts of the workload within a day (at most 24)",
                Former([.. Enumerable.Range(1, 24).Select(i => GivenRestart.Ended(-3500 * i, RestartResult.Helped))])
            ),
            ["the watch restarts another"] = No(
                BlockReason.Budget,
                "1 restart of this watch is in progress (at most 1)",
                Open(GivenRestart.Open(watch: "watch-1"))
            ),
            ["the node has another"] = No(
                BlockReason.Budget,
                "1 restart on node node-a is in progress (at most 1)",
                Open(GivenRestart.Open(node: "node-a"))
            ),
            ["the zone has others"] = No(
                BlockReason.Budget,
                "3 restarts in zone zone-a are in progress (at most 3)",
                Open(Three(i => GivenRestart.Open(node: $"n{i}", zone: "zone-a", space: $"s{i}")))
            ),
            ["the namespace has half of the cluster's"] = No(
                BlockReason.Budget,
                "2 restarts in namespace shop are in progress (at most 2)",
                Open(Three(i => GivenRestart.Open(node: $"n{i}", space: "shop"))[..2])
            ),
            ["the cluster has others"] = No(
                BlockReason.Budget,
                "5 restarts in the cluster are in progress (at most 5)",
                Open([.. Enumerable.Range(0, 5).Select(i => GivenRestart.Open(node: $"n{i}", space: $"s{i}"))])
            ),
            ["two disruption budgets select it"] = No(
                BlockReason.DisruptionBudget,
                "2 PodDisruptionBudgets select the pod, and the API server evicts no such pod",
                facts => facts with { DisruptionBudgets = 2 }
            ),
            ["the disruption budget is spent"] = No(
                BlockReason.DisruptionBudget,
                "not now",
                facts => facts with { Blocked = new BlockedCall(BlockReason.DisruptionBudget, "not now") }
            ),
            ["the API server throttles"] = No(
                BlockReason.Throttled,
                "too many requests",
                facts => facts with { Blocked = new BlockedCall(BlockReason.Throttled, "too many requests") }
            ),
            ["the API server fails"] = No(
                BlockReason.Unavailable,
                "no answer",
                facts => facts with { Blocked = new BlockedCall(BlockReason.Unavailable, "no answer") }
            ),
            ["the API server refused it"] = No(
                BlockReason.Refused,
                "forbidden",
                facts => facts with { Blocked = new BlockedCall(BlockReason.Refused, "forbidden") }
            ),
            ["it is a dry run"] = No(
                BlockReason.DryRun,
                "would restart it by Evict; redis-server is at 95 % of the limit",
                request => request with { IsDryRun = true }
            ),
        };

    /// <summary>The other side of each bound.</summary>
    public static IReadOnlyDictionary<string, GateInput> Passing =>
        new Dictionary<string, GateInput>(StringComparer.Ordinal)
        {
            ["an emptyDir that may go"] = Policy(policy => policy with { AllowLocalStorage = true }) with
            {
                Facts = Pod(pod => pod with { HasLocalStorage = true })(GivenRestart.Facts),
            },
            ["failures of yesterday"] = Given with
            {
                Record = GivenRestart.Past([
                    .. Enumerable.Range(0, 5).Select(i => GivenRestart.Ended(-86_400 - i, RestartResult.DidNotHelp)),
                ]),
            },
            ["two superseded restarts, one that helped, two superseded"] = Policy(policy =>
                policy with
                {
                    MaxIneffectiveRestarts = 1,
                }
            ) with
            {
                Record = GivenRestart.Past(
                    GivenRestart.Ended(-5000, RestartResult.Superseded),
                    GivenRestart.Ended(-6000, RestartResult.Superseded),
                    GivenRestart.Ended(-7000, RestartResult.Helped),
                    GivenRestart.Ended(-8000, RestartResult.Superseded),
                    GivenRestart.Ended(-9000, RestartResult.Superseded)
                ),
            },
            ["a single replica that may go"] = Policy(policy => policy with { MinReadyReplicas = 0 }) with
            {
                Facts = GivenRestart.Facts with { Siblings = [GivenRestart.Sibling(GivenRestart.PodUid)] },
            },
            ["an open window"] = Policy(policy =>
                policy with
                {
                    Windows = [new RestartWindow { Start = "12:00", End = "12:01" }],
                }
            ),
            ["a cooldown that is over"] = Given with { Record = GivenRestart.Cooling(-3600, 0) },
            ["three failures in two hours"] = Given with
            {
                Facts = GivenRestart.Facts with { Failures = [new(At(-7200)), new(At(-3601)), new(At(-60))] },
            },
            ["a circuit breaker whose hour is over"] = Given with
            {
                Facts = GivenRestart.Facts with { Failures = [new(At(-3700)), new(At(-3650)), new(At(-3600))] },
            },
            ["room in every budget"] = Policy(policy => policy with { MaxConcurrent = 2 }) with
            {
                Budget = new RestartBudget(MaxPerNode: 2, MaxPerZone: 2, MaxInCluster: 4),
                Facts = GivenRestart.Facts with
                {
                    Open = [GivenRestart.Open("watch-1", GivenRestart.Node, "zone-a", "shop")],
                },
            },
            ["a deletion, which no disruption budget hinders"] = Policy(policy =>
                policy with
                {
                    Method = RestartMethod.Delete,
                }
            ) with
            {
                Facts = GivenRestart.Facts with
                {
                    DisruptionBudgets = 2,
                    Blocked = new BlockedCall(BlockReason.DisruptionBudget, "not now"),
                },
            },
            ["its own restart, called again"] = Given with { Record = GivenRestart.Called() },
        };

    private static Func<RestartFacts, RestartFacts> Former(params PastRestart[] history) =>
        facts => facts with { FormerRecords = [GivenRestart.Past(history)] };

    private static DateTimeOffset At(double second) => Risk.Given.At(second);

    private static OpenRestart[] Three(Func<int, OpenRestart> open) => [.. Enumerable.Range(0, 3).Select(open)];

    private static Func<RestartFacts, RestartFacts> Open(params OpenRestart[] open) =>
        facts => facts with { Open = open };

    private static Func<RestartFacts, RestartFacts> Pod(Func<PodFacts, PodFacts> with) =>
        facts => facts with { Pod = with(facts.Pod!) };

    private static Func<RestartFacts, RestartFacts> Owner(string kind, string name) =>
        facts =>
            facts with
            {
                Owner = GivenRestart.Workload with { Owner = GivenRestart.Owner with { Kind = kind, Name = name } },
            };

    private static GateInput Policy(Func<RestartPolicy, RestartPolicy> with) =>
        Given with
        {
            Request = GivenRestart.Request with { Policy = with(GivenRestart.Policy) },
        };

    private static RestartGateCase No(BlockReason reason, string message, Func<RestartFacts, RestartFacts> with) =>
        new(reason, message, Given with { Facts = with(GivenRestart.Facts) });

    private static RestartGateCase No(
        BlockReason reason,
        string message,
        Func<RestartRequest, RestartRequest> with,
        ForkRestartStatus? record = null
    ) => new(reason, message, Given with { Request = with(GivenRestart.Request), Record = record });

    private static RestartGateCase No(BlockReason reason, string message, ForkRestartStatus record) =>
        new(reason, message, Given with { Record = record });
}
