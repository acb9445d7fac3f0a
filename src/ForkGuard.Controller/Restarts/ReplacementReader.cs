using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Matching;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>Reads the last report of a replacement.</summary>
internal sealed class ReplacementReader(NodeReadings readings, IResourceCache<Pod> pods, TimeProvider time)
{
    /// <summary>The last reading of the replacement of a restart; null if it proves nothing.</summary>
    /// <param name="run">The restart.</param>
    /// <param name="now">The time of the API server.</param>
    internal ReplacementReading? Read(RestartRun run, DateTimeOffset now)
    {
        if (
            run.Replacement is not { } replacement
            || readings.Of(replacement.Node) is not { SeenTimestamp: { } seen } reading
            || pods.Get(new ResourceKey(replacement.Pod.Namespace, replacement.Pod.Name)) is not { } pod
            || !string.Equals(pod.Metadata?.Uid, replacement.Pod.Uid, StringComparison.Ordinal)
        )
        {
            return null;
        }

        // The time since is that of this machine's monotonic clock, and carried over to the API server's clock.
        var seenTime = now - time.GetElapsedTime(seen);
        if (!reading.Applies(run.Constraint.Text, EvaluationMode.Actual) || HasMoved(run, reading))
        {
            return new ReplacementReading(ProofLevel.Changed, 0, seenTime);
        }

        return reading.By(EvaluationMode.Actual) is { } reported ? Of(run, pod, reported, seenTime) : null;
    }

    private static ReplacementReading? Of(RestartRun run, Pod pod, ReportedProcesses reported, DateTimeOffset seenTime)
    {
        List<ProcessReport> own =
        [
            .. reported.Processes.Where(process => pod.HasCgroupUid(process.Pod?.Uid) && IsOfRun(run, process)),
        ];
        return ProofReadings.Of(run, own, reported.AbsentBelow, seenTime);
    }

    private static bool HasMoved(RestartRun run, NodeReading reading) =>
        ProofReadings.HasMoved(run, reading.Node, reading.OvercommitMode, reading.LimitChangedTime);

    /// <summary>
    /// The entry may show the constraint of the restart: tasks of a pod are in the entry of any of its processes, those of a
    /// container in any entry of the container, and the memory of a process in the entries of its command.
    /// </summary>
    private static bool IsOfRun(RestartRun run, ProcessReport process) =>
        run.Scope == ConstraintScope.Pod
        || (
            IsSame(run.Container, process.Container?.Name)
            && (run.Scope == ConstraintScope.Container || IsSame(run.Command, process.Command))
        );

    private static bool IsSame(string? wanted, string? found) =>
        wanted is null || string.Equals(wanted, found, StringComparison.Ordinal);
}
