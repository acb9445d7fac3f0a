using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Cli.Watching;

/// <summary>Scans at an interval until it is stopped.</summary>
internal sealed class WatchLoop(WatchSession session, WatchPlan plan, TimeProvider time)
{
    /// <summary>The second scan reads again what the first one opened; after it nothing of the start is needed.</summary>
    private const int ScansOfStart = 2;

    // Made before it is needed: there may be no memory for it then.
    private readonly ScanOutcome _withoutMemory = new()
    {
        Time = time.GetUtcNow(),
        Events = [],
        Problem =
            "the kernel refused memory for this scan, as it does in mode 2 with nothing left to commit; the next one tries again",
    };

    private readonly CommittedMemory _memory = new();

    /// <summary>What the last scan gave; null before the first.</summary>
    internal ScanOutcome? LastOutcome { get; private set; }

    internal void RunOnce(IWatchOutput output, in KernelState state, string release, CancellationToken stop)
    {
        output.Begin(state, release, plan);
        try
        {
            Scan(output, stop);
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
        in KernelState state,
        string release,
        TimeSpan interval,
        CancellationToken stop
    )
    {
        var events = 0;
        var scans = 0;
        var stopped = stop.WaitHandle;
        output.Begin(state, release, plan);
        _memory.Commit();
        var begin = time.GetTimestamp();
        var due = TimeSpan.Zero;
        TimeSpan left;
        do
        {
            events += TryScan(output, stop);
            scans++;
            if (scans == ScansOfStart)
            {
                ProgramPages.Release();
            }

            // A scan that takes longer than the interval delays the next ones; they do not crowd after it.
            var now = time.GetElapsedTime(begin);
            due = due + interval > now ? due + interval : now;
            left = due - now;
        } while (StandardOutput.HasReader() && !stopped.WaitOne(left));
        if (stop.IsCancellationRequested)
        {
            output.End(scans, events);
        }
    }

    private int TryScan(IWatchOutput output, CancellationToken stop)
    {
        try
        {
            var events = Scan(output, stop);
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
            return 0;
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

    private int Scan(IWatchOutput output, CancellationToken stop)
    {
        var outcome = session.Scan(time.GetUtcNow(), stop);
        LastOutcome = outcome;
        output.Show(outcome, session);
        var events = outcome.Events.Count;
        session.ForgetEvents();
        return events;
    }
}
