using ForkGuard.Agent.Output;
using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Agent.Watching;

/// <summary>Scans at an interval until it is told to stop.</summary>
internal sealed class WatchLoop(WatchSession session, WatchPlan plan, TimeProvider time)
{
    /// <summary>What the last scan gave; null before the first.</summary>
    internal ScanOutcome? LastOutcome { get; private set; }

    internal void RunOnce(IWatchOutput output, in KernelState state, string release)
    {
        output.Begin(state, release, plan);
        Scan(output);
    }

    internal async Task RunAsync(
        IWatchOutput output,
        KernelState state,
        string release,
        TimeSpan interval,
        CancellationToken stop
    )
    {
        output.Begin(state, release, plan);
        var events = 0;
        var scans = 0;
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            do
            {
                events += Scan(output);
                scans++;
            } while (StandardOutput.HasReader() && await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            output.End(scans, events);
        }
    }

    private int Scan(IWatchOutput output)
    {
        var outcome = session.Scan(time.GetUtcNow());
        LastOutcome = outcome;
        output.Show(outcome, session);
        return outcome.Events.Count;
    }
}
