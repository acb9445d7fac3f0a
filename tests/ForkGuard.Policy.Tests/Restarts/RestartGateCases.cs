using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>What a gate is asked, and what it answers; the time is noon.</summary>
internal sealed record RestartGateCase
{
    public BlockReason Reason { get; init; }
    public string Message { get; init; } = "";
    public RestartPolicy Policy { get; init; } = GivenRestart.Policy;
    public RestartFacts Facts { get; init; } = GivenRestart.Facts;
    public RestartBudget Budget { get; init; } = RestartBudget.Default;
}

/// <summary>The facts that pass every gate, with one change each.</summary>
internal static class RestartGateCases
{
    public static readonly IReadOnlyDictionary<string, RestartGateCase> All = new Dictionary<string, RestartGateCase>(
        StringComparer.Ordinal
    )
    {
        ["another controller leads"] = No(
            BlockReason.NotLeader,
            "another controller leads",
            GivenRestart.Facts with
            {
                IsLeader = false,
            }
        ),
        ["the report is older than three scans"] = No(
            BlockReason.StaleReport,
            "the report of node node-a is 46 s old (three scans are 45 s)",
            SeenAt(-45.001)
        ),
        ["the report is of the future"] = No(
            BlockReason.StaleReport,
            "the report of node node-a is -5 s old (three scans are 45 s)",
            SeenAt(5)
        ),
        ["the report's scans take no time"] = No(
            BlockReason.StaleReport,
            "the report of node node-a is 1 s old (three scans are 0 s)",
            GivenRestart.Facts with
            {
                Report = GivenRestart.Facts.Report with { SeenTime = Given.At(-1), ScanInterval = TimeSpan.Zero },
            }
        ),
        ["the pod is gone"] = No(BlockReason.ReportMismatch, "the pod is gone", GivenRestart.Facts with { Pod = null }),
        ["the pod was replaced"] = No(
            BlockReason.ReportMismatch,
            "the pod was replaced by another one of the same name",
            With(GivenRestart.Pod with { Uid = "uid-2" })
        ),
        ["another node reported it"] = No(
            BlockReason.ReportMismatch,
            "the pod runs on node node-b, and node node-a reported it",
            With(GivenRestart.Pod with { Node = "node-b" })
        ),
        ["the pod runs on no node"] = No(
            BlockReason.ReportMismatch,
            "the pod runs on node (none), and node node-a reported it",
            With(GivenRestart.Pod with { Node = null })
        ),
        ["the pod is ending"] = No(
            BlockReason.Terminating,
            "the pod is ending already",
            With(GivenRestart.Pod with { IsTerminating = true })
        ),
        // A static pod has no owner that makes it anew, and its cgroup carries the hash of its file for a uid.
        ["the kubelet runs it"] = No(
            BlockReason.Static,
            "a static pod is run by the kubelet from a file and is never restarted",
            With(GivenRestart.Pod with { IsStatic = true, Owner = null, Uid = "mirror" })
        ),
        ["it is critical"] = No(
            BlockReason.Critical,
            "the pod has a system-critical priority",
            With(GivenRestart.Pod with { IsCritical = true })
        ),
        ["nothing makes it anew"] = No(
            BlockReason.Unmanaged,
            "the pod has no controller that would make it anew",
            With(GivenRestart.Pod with { Owner = null })
        ),
        ["it is a Job's"] = No(
            BlockReason.Job,
            "the work of Job import would be lost",
            With(GivenRestart.Pod with { Owner = new OwnerFacts("Job", "shop", "import", OtherReady: 1) })
        ),
        ["it runs to completion under a kind of its own"] = No(
            BlockReason.Job,
            "the work of Workflow import would be lost",
            With(
                GivenRestart.Pod with
                {
                    Owner = new OwnerFacts("Workflow", "shop", "import", OtherReady: 1),
                    RunsToCompletion = true,
                }
            )
        ),
        ["it is a CronJob's"] = No(
            BlockReason.Job,
            "the work of CronJob nightly would be lost",
            With(GivenRestart.Pod with { Owner = new OwnerFacts("CronJob", "shop", "nightly", OtherReady: 1) })
        ),
        ["an annotation forbids it"] = No(
            BlockReason.OptedOut,
            "annotation forkguard.io/restart=false on the pod",
            With(GivenRestart.Pod with { OptOut = "annotation forkguard.io/restart=false on the pod" })
        ),
        ["it has an emptyDir"] = No(
            BlockReason.LocalStorage,
            "the data in the pod's emptyDir would go (restart.allowLocalStorage is false)",
            With(GivenRestart.Pod with { HasLocalStorage = true })
        ),
        ["restarts did not help"] = No(
            BlockReason.GaveUp,
            "3 restarts within a day did not help (restart.giveUpAfter is 3)",
            With(new LedgerFacts { Ineffective = 3 })
        ),
        ["it is the only replica"] = No(
            BlockReason.MinReadyReplicas,
            "0 other replicas of Deployment redis are Ready (restart.minReadyReplicas is 1)",
            With(GivenRestart.Pod with { Owner = GivenRestart.OwnerOf("redis", otherReady: 0) })
        ),
        ["no window is open"] = No(
            BlockReason.OutsideWindow,
            "no restart window is open",
            GivenRestart.Policy with
            {
                Windows = [new RestartWindow { Start = "11:00", End = "12:00" }],
            }
        ),
        ["another watch restarted the owner"] = No(
            BlockReason.Cooldown,
            "the owner was restarted by ClusterForkWatch all at 11:30:00 UTC, 30 min of the cooldown are left",
            With(new LedgerFacts { LastRestart = Given.At(-1800), LastRestartBy = GivenRestart.OtherWatch })
        ),
        ["the cooldown is nearly over"] = No(
            BlockReason.Cooldown,
            "the owner was restarted by a watch at 11:00:00 UTC, 1 s of the cooldown are left",
            With(new LedgerFacts { LastRestart = Given.At(-3599.9) })
        ),
        ["the last restart is of the future"] = No(
            BlockReason.Cooldown,
            "the owner was restarted by a watch at 12:00:10 UTC, 60 min of the cooldown are left",
            With(new LedgerFacts { LastRestart = Given.At(10) })
        ),
        ["a dry run told of the owner"] = No(
            BlockReason.Cooldown,
            "the owner would have been restarted by ClusterForkWatch all at 11:30:00 UTC, 30 min of the cooldown are left",
            With(
                new LedgerFacts
                {
                    LastRestart = Given.At(-1800),
                    LastRestartBy = GivenRestart.OtherWatch,
                    LastRestartWasDry = true,
                }
            )
        ),
        ["the ledger is full"] = No(
            BlockReason.Budget,
            "the watch's ledger of owners is full (100)",
            With(new LedgerFacts { IsFull = true })
        ),
        ["a restart of the owner is under way"] = No(
            BlockReason.Budget,
            "a restart of the owner is under way",
            With(new LedgerFacts { OpenOfOwner = 1 })
        ),
        ["the watch restarts another"] = No(
            BlockReason.Budget,
            "1 restarts of this watch are under way (restart.maxConcurrent is 1)",
            With(new LedgerFacts { OpenOfWatch = 1 })
        ),
        ["the node restarts another"] = No(
            BlockReason.Budget,
            "1 restarts on node node-a are under way (at most 1)",
            With(new LedgerFacts { OpenOnNode = 1 })
        ),
        ["the cluster restarted many"] = No(
            BlockReason.Budget,
            "5 restarts within ten minutes (at most 5)",
            With(new LedgerFacts { StartedLately = 5 })
        ),
        ["the disruption budget is spent"] = No(
            BlockReason.DisruptionBudget,
            "a PodDisruptionBudget does not allow the eviction before 12:00:30 UTC",
            GivenRestart.Facts with
            {
                DisruptionBlockedUntil = Given.At(30),
            }
        ),
    };

    /// <summary>The other side of each bound.</summary>
    public static readonly IReadOnlyDictionary<string, RestartGateCase> Passing = new Dictionary<
        string,
        RestartGateCase
    >(StringComparer.Ordinal)
    {
        ["a report of this moment"] = Yes(SeenAt(0)),
        ["an emptyDir that may go"] = Yes(
            With(GivenRestart.Pod with { HasLocalStorage = true }),
            GivenRestart.Policy with
            {
                AllowLocalStorage = true,
            }
        ),
        ["two restarts that did not help"] = Yes(With(new LedgerFacts { Ineffective = 2 })),
        ["a single replica that may go"] = Yes(
            With(GivenRestart.Pod with { Owner = GivenRestart.OwnerOf("redis", otherReady: 0) }),
            GivenRestart.Policy with
            {
                MinReadyReplicas = 0,
            }
        ),
        ["one other replica"] = Yes(
            With(GivenRestart.Pod with { Owner = GivenRestart.OwnerOf("redis", otherReady: 1) })
        ),
        ["an open window"] = Yes(
            GivenRestart.Facts,
            GivenRestart.Policy with
            {
                Windows = [new RestartWindow { Start = "12:00", End = "12:01" }],
            }
        ),
        ["a cooldown that is over"] = Yes(With(new LedgerFacts { LastRestart = Given.At(-3600) })),
        ["four restarts lately"] = Yes(With(new LedgerFacts { StartedLately = 4 })),
        ["room for a second restart"] = Yes(
            With(new LedgerFacts { OpenOfWatch = 1, OpenOnNode = 1 }),
            GivenRestart.Policy with
            {
                MaxConcurrent = 2,
            }
        ) with
        {
            Budget = new RestartBudget(MaxPerNode: 2, MaxInTenMinutes: 5),
        },
        ["a disruption budget whose time has come"] = Yes(
            GivenRestart.Facts with
            {
                DisruptionBlockedUntil = Given.Start,
            }
        ),
        ["a deletion, which no disruption budget hinders"] = Yes(
            GivenRestart.Facts with
            {
                DisruptionBlockedUntil = Given.At(30),
            },
            GivenRestart.Policy with
            {
                Method = RestartMethod.Delete,
            }
        ),
    };

    private static RestartGateCase No(BlockReason reason, string message, RestartFacts facts) =>
        new()
        {
            Reason = reason,
            Message = message,
            Facts = facts,
        };

    private static RestartGateCase No(BlockReason reason, string message, RestartPolicy policy) =>
        new()
        {
            Reason = reason,
            Message = message,
            Policy = policy,
        };

    private static RestartGateCase Yes(RestartFacts facts, RestartPolicy? policy = null) =>
        new() { Facts = facts, Policy = policy ?? GivenRestart.Policy };

    private static RestartFacts With(PodFacts pod) => GivenRestart.Facts with { Pod = pod };

    private static RestartFacts With(LedgerFacts ledger) => GivenRestart.Facts with { Ledger = ledger };

    private static RestartFacts SeenAt(double second) =>
        GivenRestart.Facts with
        {
            Report = GivenRestart.Facts.Report with { SeenTime = Given.At(second) },
        };
}
