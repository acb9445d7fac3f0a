using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>Shows what a written record changed, in events, metrics and the log. Nothing depends on it.</summary>
internal sealed class RestartReporter(
    EventPublisher events,
    RestartStore store,
    ControllerTelemetry telemetry,
    RestartLog log,
    ServerClock clock
)
{
    /// <summary>The circuit breaker is open.</summary>
    internal bool IsCircuitOpen => clock.Now is { } now && CircuitBreaker.OpenUntil(Failures, now) is not null;

    private IEnumerable<RestartFailure> Failures =>
        store.Known.SelectMany(record => RestartRecords.Failures(record.Status));

    /// <summary>Logs a transition, and emits its events.</summary>
    internal void Report(RecordKey key, ForkRestartStatus? before, ForkRestartStatus after)
    {
        log.Transition(key, before, after);
        if (after is { Restart: { } started } && after.State == RestartState.Replacing && before?.State != after.State)
        {
            Started(key, started);
        }

        if (before?.Restart is { } ended && after.Restart is null && Latest(before, after) is { } past)
        {
            Ended(key, before, ended, past);
        }
        else if (before?.Restart is { } refused && after.Restart is null && RestartRecords.WasRefused(after))
        {
            telemetry.Restarted(refused.Method, nameof(RestartResult.Refused));
        }
    }

    private void Started(RecordKey key, RestartRun run)
    {
        var note = $"restarted by {run.Method}; {run.Reason}";
        var watch = WatchOf(run.Watch);
        events.Publish(
            watch,
            EventPublisher.PodOf(run.Pod),
            EventType.Warning,
            "ForkRestart",
            EventAction.Restart,
            note,
            KeyOf(run)
        );
        events.On(
            OwnerOf(key, run),
            watch,
            EventType.Warning,
            "ForkRestart",
            EventAction.Restart,
            $"pod {run.Pod.Name} {note}",
            KeyOf(run)
        );
        telemetry.Restarted(run.Method, "Accepted");
    }

    private void Ended(RecordKey key, ForkRestartStatus before, RestartRun run, PastRestart past)
    {
        var (type, reason) = past.Result.Known switch
        {
            RestartResult.Helped => (EventType.Normal, "ForkRestartHelped"),
            RestartResult.DidNotHelp or RestartResult.NotReplaced => (EventType.Warning, "ForkRestartIneffective"),
            _ => (EventType.Normal, "ForkRestartEnded"),
        };
        var note = $"restart of pod {run.Pod.Name}: {past.Result.Text}, {past.Message}";
        var watch = WatchOf(run.Watch);
        events.Publish(watch, OwnerOf(key, run), type, reason, EventAction.Restart, note, KeyOf(run));
        if (run.Replacement is { } replacement)
        {
            events.On(
                EventPublisher.PodOf(replacement.Pod),
                watch,
                type,
                reason,
                EventAction.Restart,
                note,
                KeyOf(run)
            );
        }

        telemetry.Restarted(run.Method, past.Result.Text);
        StopAll(key, before, watch, past);
    }

    /// <summary>One event when the circuit breaker opens.</summary>
    private void StopAll(RecordKey key, ForkRestartStatus before, ObjectReference watch, PastRestart past)
    {
        if (past.Result != RestartResult.DidNotHelp && past.Result != RestartResult.NotReplaced)
        {
            return;
        }

        // The record itself may be known as written already, with times of the server's precision.
        var failures = store
            .Known.Where(record => RestartStore.KeyOf(record) != key.Resource)
            .SelectMany(record => RestartRecords.Failures(record.Status))
            .Concat(RestartRecords.Failures(before))
            .ToList();
        if (
            CircuitBreaker.OpenUntil(failures, past.EndedTime) is null
            && CircuitBreaker.OpenUntil(failures.Append(new RestartFailure(past.EndedTime)), past.EndedTime)
                is { } until
        )
        {
            events.On(
                watch,
                related: null,
                EventType.Warning,
                "ForkRestartsStopped",
                EventAction.Restart,
                $"{CircuitBreaker.Failures} restarts in the cluster failed within an hour; no restarts before {until.UtcDateTime:HH:mm:ss} UTC",
                until.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)
            );
        }
    }

    private static PastRestart? Latest(ForkRestartStatus before, ForkRestartStatus after) =>
        after.History is [var last, ..] && last.DecidedTime == before.Restart!.DecidedTime ? last : null;

    private static string KeyOf(RestartRun run) =>
        run.DecidedTime.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static ObjectReference WatchOf(WatchReference watch) =>
        new(ForkGuardApi.ApiVersion, watch.Kind, watch.Namespace ?? "", watch.Name, watch.Uid);

    private static ObjectReference OwnerOf(RecordKey key, RestartRun run) =>
        new(key.Owner.ApiVersion, key.Owner.Kind, key.Namespace, key.Owner.Name, run.OwnerUid);
}
