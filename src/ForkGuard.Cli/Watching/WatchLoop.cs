using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Watching;

/// <summary>Scans at an interval until it is stopped.</summary>
internal sealed class WatchLoop(WatchSession session, WatchPlan plan, TimeProvider time)
{
    /// <summary>Number of scans after which pages of the start are no longer needed: the second scan reads again what the first one opened.</summary>
    private const int ScansOfStart = 2;

    private static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(100);

    // Made before it is needed: there may be no memory for it then.
    private readonly ScanOutcome _withoutMemory = new()
    {
        Time = time.GetUtcNow(),
        Events = [],
        Problem =
            "the kernel refused memory for this scan, as it does in mode 2 with nothing left to commit; the next one tries again",
    };

    private readonly CommittedMemory _memory = new();
    private WatchPlan _plan = plan;

    /// <summary>Outcome of the last scan; null before the first.</summary>
    internal ScanOutcome? LastOutcome { get; private set; }

    /// <summary>Reports whether manifests were reloaded and all were valid.</summary>
    internal bool HasReloaded { get; private set; }

    internal void RunOnce(IWatchOutput output, in WatchHeader header, CancellationToken stop)
    {
        output.Begin(header, _plan);
        try
        {
            var outcome = session.Scan(time.GetUtcNow(), stop);
            // A commit charge counts from its second reading on. The events of the first scan come again with the second.
            Show(outcome.HasCommitCharges ? session.Scan(time.GetUtcNow(), stop) : outcome, output);
        }
        catch (OperationCanceledException)
        {
            // There is no outcome, which the exit code shows.
        }
    }

    /// <summary>
    /// Runs on the calling thread alone, and starts no other: a stack is memory to commit, and in mode 2 there may be none.
    /// A scan that runs out of memory is reported, and the next one comes all the same.
    /// </summary>
    internal void Run(
        IWatchOutput output,
        in WatchHeader header,
        TimeSpan interval,
        WatchService service,
        ManifestReload reload,
        CancellationToken stop
    )
    {
        var events = 0;
        var scans = 0;
        output.Begin(header, _plan);
        _memory.Commit();
        var begin = time.GetTimestamp();
        var due = TimeSpan.Zero;
        Wake woken;
        do
        {
            if (TryScan(output, service, stop) is { } emitted)
            {
                events += emitted;
                scans++;
            }

            if (scans == ScansOfStart)
            {
                ProgramPages.Release();
            }

            // A scan that takes longer than the interval delays the next ones; they do not crowd after it.
            var now = time.GetElapsedTime(begin);
            due = due + interval > now ? due + interval : now;
            woken =
                service.OutlivesReader || StandardOutput.HasReader()
                    ? WaitUntil(begin, due, output, service, reload, stop)
                    : Wake.Stop;
            if (woken == Wake.Reload)
            {
                TryReload(output, service, reload);
                due = time.GetElapsedTime(begin);
            }
        } while (woken is not (Wake.Stop or Wake.Quit));
        service.Stopping();
        if (woken == Wake.Quit || stop.IsCancellationRequested)
        {
            output.End(scans, events);
        }
    }

    private Wake WaitUntil(
        long begin,
        TimeSpan due,
        IWatchOutput output,
        WatchService service,
        ManifestReload reload,
        CancellationToken stop
    )
    {
        WaitHandle[] signals = [stop.WaitHandle, reload.Requested];
        var longest = output.TakesKeys ? KeyInterval : service.KeepAliveInterval ?? TimeSpan.MaxValue;
        while (true)
        {
            var left = due - time.GetElapsedTime(begin);
            var wait = left < TimeSpan.Zero ? TimeSpan.Zero : left;
            var isDue = wait <= longest;
            switch (WaitHandle.WaitAny(signals, isDue ? wait : longest))
            {
                case 0:
                    return Wake.Stop;
                case 1:
                    return Wake.Reload;
                default:
                    if (!output.HandleKeys())
                    {
                        return Wake.Quit;
                    }

                    if (isDue)
                    {
                        return Wake.Due;
                    }

                    service.KeepAlive();
                    break;
            }
        }
    }

    /// <summary>Returns the number of events; null for a scan that was stopped.</summary>
    private int? TryScan(IWatchOutput output, WatchService service, CancellationToken stop)
    {
        try
        {
            var events = Show(session.Scan(time.GetUtcNow(), stop), output, service);
            _memory.Renew(LastOutcome!.State);
            return events;
        }
        catch (OutOfMemoryException)
        {
            ReportThatMemoryRanOut(output);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private void ReportThatMemoryRanOut(IWatchOutput output)
    {
        try
        {
            output.Show(_withoutMemory, session);
        }
        catch (OutOfMemoryException)
        {
            // A later scan that runs out of memory reports it, if there is one.
        }
    }

    private int Show(ScanOutcome outcome, IWatchOutput output, WatchService? service = null)
    {
        LastOutcome = outcome;
        output.Show(outcome, session);
        service?.Scanned(outcome);
        var events = outcome.Events.Count;
        session.ForgetEvents();
        return events;
    }

    private void TryReload(IWatchOutput output, WatchService service, ManifestReload reload)
    {
        service.Reloading();
        try
        {
            var outcome = reload.Load(_plan);
            if (outcome.Errors.Count == 0)
            {
                session.Apply(outcome.Plan.Watches, time.GetUtcNow());
                _plan = outcome.Plan;
                HasReloaded = true;
            }

            foreach (var error in outcome.Errors)
            {
                StandardError.WriteLine(error);
            }

            output.Reloaded(outcome, time.GetUtcNow());
            service.Loaded(outcome.Errors.Count);
        }
        catch (OutOfMemoryException)
        {
            ReportThatMemoryRanOut(output);
        }
    }

    private enum Wake
    {
        Due,
        Reload,
        Quit,
        Stop,
    }
}
