using ForkGuard.Cli.Serving;
using ForkGuard.Node.Serving;

namespace ForkGuard.Cli.Watching;

/// <summary>Publishes the state of a watch to the service manager, probes and scrapers. Not thread-safe: for the thread of the watch only.</summary>
/// <param name="manager">Is notified of each change of state.</param>
/// <param name="health">Liveness by the last scan.</param>
/// <param name="telemetry">Metrics; null if nothing listens.</param>
/// <param name="interval">Time between two scans.</param>
internal sealed class WatchService(
    ServiceNotifier manager,
    ScanHealth health,
    WatchTelemetry? telemetry,
    TimeSpan interval
)
{
    private int _manifestErrors;

    /// <summary>Reports whether the watch is useful without a reader of its output.</summary>
    internal bool OutlivesReader => manager.IsThere || telemetry is not null;

    /// <summary>The longest time without <see cref="KeepAlive"/>; null without a limit.</summary>
    internal TimeSpan? KeepAliveInterval => manager.KeepAliveInterval;

    internal void Scanned(ScanOutcome outcome)
    {
        if (outcome.Node is { } scan)
        {
            health.Scanned(interval);
            telemetry?.Scanned(scan);
        }
        else
        {
            telemetry?.ScanFailed();
        }

        Count(outcome);
        if (manager.IsThere && health.IsReady)
        {
            manager.Ready(WatchText.Status(outcome, _manifestErrors));
        }

        KeepAlive();
    }

    /// <summary>Resets the watchdog while scans come. A watch whose scans fail is restarted, like an agent by its probe.</summary>
    internal void KeepAlive()
    {
        if (health.IsAlive)
        {
            manager.KeepAlive();
        }
    }

    internal void Reloading() => manager.Reloading();

    internal void Loaded(int manifestErrors)
    {
        _manifestErrors = manifestErrors;
        if (telemetry is not null)
        {
            telemetry.Watch.ManifestErrors = manifestErrors;
        }
    }

    internal void Stopping() => manager.Stopping();

    private void Count(ScanOutcome outcome)
    {
        if (telemetry is null)
        {
            return;
        }

        telemetry.Watch.Risks = outcome.Risks;
        foreach (var e in outcome.Events)
        {
            if (e.Type == WatchEvent.ModeChanged)
            {
                telemetry.ModeChanged();
            }
            else
            {
                telemetry.Watch.Announced(e.Type);
            }
        }
    }
}
