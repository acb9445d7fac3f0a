using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Cli.Watching;

/// <summary>Where a watch tells what it sees.</summary>
internal interface IWatchOutput
{
    /// <summary>Said once, before the first scan.</summary>
    void Begin(in KernelState state, string release, WatchPlan plan);

    /// <summary>After each scan.</summary>
    void Show(ScanOutcome outcome, WatchSession session);

    /// <summary>Said once, at the end.</summary>
    void End(int scans, int events);
}
