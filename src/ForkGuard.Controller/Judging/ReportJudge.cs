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
        var own = reading.By(EvaluationMode.Actual)!.Processes;
        var resolved = new Dictionary<IReadOnlyList<ProcessReport>, List<ResolvedProcess>>(
            ReferenceEqualityComparer.Instance
        )
        {
            [own] = [.. Resolve(reading, own)],
        };
        var concerned = new List<WatchIdentity>();
        foreach (var board in boards.All)
        {
            // Without a list by its rule the report tells the watch nothing, and nothing has recovered for that.
            if (reading.By(board.Watch.Rule.EvaluateAs) is not { } reported)
            {
                continue;
            }

            if (!resolved.TryGetValue(reported.Processes, out var processes))
            {
                resolved[reported.Processes] = processes = [.. Resolve(reading, reported.Processes)];
            }

            if (Judge(board, processes, reported.IsComplete, reading))
            {
                concerned.Add(board.Watch.Identity);
            }
        }

        return concerned;
    }

    /// <summary>Holds what is reported by a watch's rule against it.</summary>
    /// <returns>The watch has or had something of this node.</returns>
    private bool Judge(TargetBoard board, List<ResolvedProcess> processes, bool isComplete, NodeReading reading)
    {
        var now = time.GetUtcNow();
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
        if (isComplete)
        {
            board.JudgeAbsent(reading, named, now);
        }

        return hadSome;
    }

    private bool IsOf(Watch watch, ResolvedProcess process) =>
        watch.Matches(process.Report) && (process.Pod is null || watch.Matches(process.Pod, SpaceOf(process.Pod)));

    private Namespace? SpaceOf(Pod pod) => namespaces.Get(new ResourceKey("", pod.Metadata?.Namespace ?? ""));

    /// <summary>The processes with their pods; one whose pod is not what the report says is left out.</summary>
    private IEnumerable<ResolvedProcess> Resolve(NodeReading reading, IReadOnlyList<ProcessReport> processes)
    {
        foreach (var process in processes)
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
