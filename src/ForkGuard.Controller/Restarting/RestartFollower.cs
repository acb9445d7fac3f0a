using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Judging;
using ForkGuard.Controller.Statuses;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarting;

/// <summary>
/// Sees restarts through: finds out what became of a call whose answer was lost, with the process that made it perhaps, and
/// whether a restart helped. Only the ledger is changed; who calls it writes the status.
/// </summary>
internal sealed class RestartFollower(
    ClusterReader cluster,
    IResourceCache<Pod> pods,
    Ledgers ledgers,
    NodeReadings readings,
    ForkEvents events,
    ControllerTelemetry telemetry,
    RestartOptions options,
    TimeProvider time
)
{
    // metav1.Time has whole seconds, and the clocks of two machines differ.
    private static readonly TimeSpan ClockError = TimeSpan.FromSeconds(2);

    /// <summary>Looks at every restart of the watch that is under way.</summary>
    /// <param name="watch">Null while the watch is invalid: its levels are unknown, so that nothing proves a recovery.</param>
    /// <param name="resource">The watch, with its status.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal async Task FollowAsync(Watch? watch, WatchResource resource, CancellationToken cancellationToken)
    {
        foreach (var record in ledgers.Of(resource).Owners.Where(owner => owner.Restart is not null).ToList())
        {
            await (
                record.Restart!.AcceptedTime is null
                    ? ResolveAsync(resource, record, cancellationToken)
                    : CompleteAsync(watch, resource, record, cancellationToken)
            );
        }
    }

    /// <summary>Decided, and no answer known: the pod itself tells whether the call arrived.</summary>
    private async Task ResolveAsync(WatchResource resource, OwnerRecord record, CancellationToken cancellationToken)
    {
        var intent = record.Restart!;
        var key = new ResourceKey(intent.Pod.Namespace, intent.Pod.Name);
        var pod = await cluster.ReadAsync(Kinds.Pods, key, cancellationToken);
        var now = time.GetUtcNow();
        if (IsSame(pod, intent) && !pod!.IsTerminating())
        {
            if (now - intent.Time >= options.IntentLifetime)
            {
                Set(
                    resource,
                    owners => OwnerLedger.Withdrawn(owners, record),
                    intent,
                    RestartResult.Superseded,
                    "not carried out"
                );
                telemetry.Restarted(intent.Method, RestartResult.Superseded);
            }

            return;
        }

        const string Found = "decided before the controller was interrupted; the pod is ending";
        Set(resource, owners => OwnerLedger.Accepted(owners, record, now), intent, RestartResult.Accepted, Found);
        telemetry.Restarted(intent.Method, RestartResult.Accepted);
        await events.RestartedAsync(resource, intent.Pod, Found, intent.Time, cancellationToken);
    }

    private async Task CompleteAsync(
        Watch? watch,
        WatchResource resource,
        OwnerRecord record,
        CancellationToken cancellationToken
    )
    {
        var intent = record.Restart!;
        var now = time.GetUtcNow();
        if (watch is not null && Replacement(intent) is { } replacement && IsBelowClear(watch, replacement, intent))
        {
            var name = replacement.Metadata?.Name;
            var text = $"its replacement {name} is Ready and below {watch.Rule.ClearBelowPercent} %";
            Set(
                resource,
                owners => OwnerLedger.Over(owners, record, helped: true, now),
                intent,
                RestartResult.Recovered,
                text
            );
            telemetry.Restarted(intent.Method, RestartResult.Recovered);
        }
        else if (now - intent.AcceptedTime >= options.RecoveryTimeout)
        {
            var level = watch is null ? "clearBelowPercent" : $"{watch.Rule.ClearBelowPercent} %";
            var text =
                $"{record.Kind} {record.Namespace}/{record.Name}: no replacement of {intent.Pod.Name} was Ready and below "
                + $"{level} within {SizeText.Duration((long)options.RecoveryTimeout.TotalSeconds)}";
            Set(
                resource,
                owners => OwnerLedger.Over(owners, record, helped: false, now),
                intent,
                RestartResult.Ineffective,
                text
            );
            telemetry.Restarted(intent.Method, RestartResult.Ineffective);
            await events.IneffectiveAsync(resource, text, intent.Time, cancellationToken);
        }
    }

    private void Set(
        WatchResource resource,
        Func<IReadOnlyList<OwnerRecord>, IReadOnlyList<OwnerRecord>> change,
        RestartIntent intent,
        RestartResult result,
        string message
    )
    {
        var ledger = ledgers.Of(resource);
        ledgers.Set(
            resource.Identity,
            ledger with
            {
                Owners = change(ledger.Owners),
                LastRestart = new RestartRecord
                {
                    Pod = intent.Pod,
                    Method = intent.Method,
                    Time = intent.Time,
                    Result = result,
                    Message = message,
                },
            }
        );
    }

    /// <summary>
    /// A pod that the same controller made since the decision, Ready; it may be there before the answer to the call. Null
    /// while there is none, or the old one is still there.
    /// </summary>
    private Pod? Replacement(RestartIntent intent)
    {
        var siblings = pods.ByIndex(Caches.ByController, intent.ControllerUid ?? "");
        return siblings.Any(pod => IsSame(pod, intent) && !pod.IsTerminating())
            ? null
            : siblings.FirstOrDefault(pod =>
                !IsSame(pod, intent)
                && pod.Metadata?.CreationTimestamp >= WholeSeconds(intent.Time)
                && !pod.IsTerminating()
                && pod.ReadySince() is not null
            );
    }

    // metav1.Time has whole seconds; a sibling of the second before is none of the restart's.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    /// <summary>A report that came after the pod was Ready proves it to be below the level of recovery for the constraint of the restart.</summary>
    private bool IsBelowClear(Watch watch, Pod pod, RestartIntent intent)
    {
        if (
            intent.Constraint is not { } constraint
            || readings.Of(pod.Spec?.NodeName ?? "") is not { SeenTime: { } seen } reading
            || seen <= pod.ReadySince() + ClockError
            || !reading.Applies(constraint.Text, EvaluationMode.Actual)
            || reading.By(EvaluationMode.Actual) is not { } reported
        )
        {
            return false;
        }

        return reported
            .Processes.Where(process =>
                pod.HasCgroupUid(process.Pod?.Uid) && (watch.Matches(process) || IsShared(process, constraint))
            )
            .Select(process => BelowOf(process, constraint))
            .Append(reported.AbsentBelow)
            .All(below => below <= watch.Rule.ClearBelowPercent);
    }

    private static bool IsShared(ProcessReport process, OpenEnum<ConstraintType> type) =>
        process.Constraints?.Any(constraint => constraint.Type == type && constraint.Scope == ConstraintScope.Pod)
        == true;

    /// <summary>The percentage that the process is proven to be below; none for what was not read, or only bounded.</summary>
    private static int BelowOf(ProcessReport process, OpenEnum<ConstraintType> type) =>
        process.Constraints?.FirstOrDefault(constraint => constraint.Type == type) switch
        {
            null => NodeReading.UnlistedBelow(process),
            { Problem: not null } => int.MaxValue,
            var found => found.Percent + 1,
        };

    private static bool IsSame(Pod? pod, RestartIntent intent) =>
        pod?.Metadata?.Uid is { } uid && string.Equals(uid, intent.Pod.Uid, StringComparison.Ordinal);
}
