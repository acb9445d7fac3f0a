using ForkGuard.Kernel.Accounting;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Cli.Checking;

/// <summary>Facts of this machine that decide what advice fits.</summary>
internal static class HostFacts
{
    internal static AdviceFacts Of(in KernelState state) =>
        new()
        {
            OvercommitMode = (int)state.Mode,
            HasSwap = state.SwapInForce > 0,
            CommitLimitWithoutSwapBytes = (long)(state.CommitLimit - Math.Min(state.SwapInForce, state.CommitLimit)),
        };
}
