using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Judging;

/// <summary>Holds a node's report against every watch.</summary>
internal sealed class ReportJudge(
    Boards boards,
    IResourceCache<Pod> pods,
    IResourceCache<Namespace> namespaces,
    ControllerTelemetry telemetry,
    TimeProvider time
)
{
    /// <summary>Judges what a report that changed says, and forgets what it does not say any more.</summary>
    /// <returns>The watches that have something of this node.</returns>
    internal IReadOnlyCollection<WatchIdentity> Judge(NodeReading reading)
    {
        var now = time.GetUtcNow();
        var processes = Resolve(reading).ToList();
        var concerned = new List<WatchIdentity>();
        foreach (var board in boards.All)
        {
            var named = new HashSet<Target>();
            foreach (var process in processes)
            {
                // The list is worst first, and a target is as bad as its worst process.
                if (IsOf(board.Watch, process) && named.Add(process.Target))
                {
                    board.Judge(process.Target, process.Reference, process.Report, reading, now);
                }
            }

            var hadSome = board.HasOn(reading.Node);
            if (reading.Status.Truncated != true)
            {
                board.JudgeAbsent(reading, named, now);
            }

            if (hadSome)
            {
                concerned.Add(board.Watch.Identity);
            }
        }

        return concerned;
    }

    private bool IsOf(Watch watch, ResolvedProcess process) =>
        watch.Matches(process.Report)
        && IsRuleOf(watch, process.Report)
        && (process.Pod is null || watch.Matches(process.Pod, SpaceOf(process.Pod)));

    // A report is by the rule of the node's kernel; a what-if by the other rule is not in it.
    private static bool IsRuleOf(Watch watch, ProcessReport process) =>
        watch.Rule.EvaluateAs switch
        {
            EvaluationMode.Heuristic => process.Constraint == Constraint.LargestMapping,
            EvaluationMode.Strict => process.Constraint == Constraint.CommitCharge,
            _ => true,
        };

    private Namespace? SpaceOf(Pod pod) => namespaces.Get(new ResourceKey("", pod.Metadata?.Namespace ?? ""));

    /// <summary>The processes with their pods; one whose pod is not what the report says is left out.</summary>
    private IEnumerable<ResolvedProcess> Resolve(NodeReading reading)
    {
        foreach (var process in reading.Status.Processes ?? [])
        {
            if (process.Pod is not { } named)
            {
                yield return new ResolvedProcess(Target.Of(null, reading.Node, process), process, Pod: null, null);
                continue;
            }

            var pod = pods.Get(new ResourceKey(named.Namespace, named.Name));
            if (
                pod?.Metadata?.Uid is { } uid
                && pod.HasCgroupUid(named.Uid)
                && string.Equals(pod.Spec?.NodeName, reading.Node, StringComparison.Ordinal)
            )
            {
                var reference = named with { Uid = uid };
                yield return new ResolvedProcess(Target.Of(uid, reading.Node, process), process, pod, reference);
            }
            else
            {
                telemetry.ReportMismatched();
            }
        }
    }

    private sealed record ResolvedProcess(Target Target, ProcessReport Report, Pod? Pod, PodReference? Reference);
}
