using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Node.Scanning;

/// <summary>The overcommit mode in words.</summary>
internal static class ModeText
{
    internal static string Name(OvercommitMode mode) =>
        mode switch
        {
            OvercommitMode.Heuristic => "0 (heuristic)",
            OvercommitMode.Always => "1 (always)",
            _ => "2 (strict)",
        };

    /// <summary>The usage and the limit that the mode compares.</summary>
    internal static string Rule(in KernelState state) =>
        state.Mode switch
        {
            OvercommitMode.Always => "the kernel refuses no fork for memory",
            OvercommitMode.Strict => "all commitments plus what the fork copies, against CommitLimit less reserves",
            _ when state.Release.HasTotalMemoryRule => "the largest accountable mapping, against RAM + swap",
            _ => "the largest accountable mapping, against what looks free now (kernels before 5.2)",
        };
}
