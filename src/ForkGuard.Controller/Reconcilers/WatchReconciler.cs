using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Status;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>Brings one watch up to date: emits its events, posts its wanted restarts, and writes its status.</summary>
internal sealed class WatchReconciler(
    TargetTrackers trackers,
    TrackerStart start,
    TargetPruner pruner,
    WantedRestarts restarts,
    SituationReader situations,
    WatchStatusWriter statuses,
    RiskEvents events,
    Action reportsChanged,
    TimeProvider time
)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhileActing = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AtRest = TimeSpan.FromMinutes(1);

    internal async Task<ReconciliationResult> ReconcileAsync(
        WatchResource resource,
        CancellationToken cancellationToken
    )
    {
        var demand = trackers.Demand;
        if (Watch.From(resource, out var errors) is not { } watch)
        {
            trackers.Remove(resource.Identity);
            AskIfOther(demand);
            var refused = WatchStatusBuilder.Refused(resource, errors, time.GetUtcNow());
            return await WriteAsync(resource, refused, AtRest, cancellationToken);
        }

        var tracker = trackers.Put(resource, watch, out var isNew);
        AskIfOther(demand);
        if (isNew)
        {
            start.Begin(tracker, resource.Status);
        }

        var isRecovering = pruner.Prune(tracker);
        Emit(resource, tracker);
        var situation = situations.Read(resource, tracker, restarts.SuppressedOf(tracker));
        var isWanted = tracker.Wanted.Count > 0;
        if (isWanted)
        {
            restarts.Post(resource, tracker);
        }

        var status = WatchStatusBuilder.Build(situation, time.GetUtcNow());
        return await WriteAsync(resource, status, isRecovering || isWanted ? WhileActing : AtRest, cancellationToken);
    }

    internal Task DeletedAsync(WatchIdentity identity)
    {
        trackers.Remove(identity);
        restarts.Forget(identity);
        statuses.Forget(identity);
        events.Forget(identity);
        reportsChanged();
        return Task.CompletedTask;
    }

    private void AskIfOther(ReportDemand before)
    {
        if (trackers.Demand != before)
        {
            reportsChanged();
        }
    }

    private void Emit(WatchResource resource, TargetTracker tracker)
    {
        foreach (var notification in tracker.Notifications)
        {
            events.Emit(resource, tracker.Watch.Rule, notification);
            tracker.Emitted(notification);
        }
    }

    private async Task<ReconciliationResult> WriteAsync(
        WatchResource resource,
        Api.WatchStatus status,
        TimeSpan next,
        CancellationToken cancellationToken
    ) => new(await statuses.WriteAsync(resource, status, cancellationToken) ? next : Soon);
}
