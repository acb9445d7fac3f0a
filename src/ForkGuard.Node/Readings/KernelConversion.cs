using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Node.Readings;

/// <summary>Converts the kernel's settings to records of the API.</summary>
internal static class KernelConversion
{
    internal static KernelReport ToReport(this in KernelState state, string release) =>
        new()
        {
            Release = release,
            OvercommitMode = (int)state.Mode,
            LimitBytes = AccountingRule.LimitOf(state, state.Mode) is { } limit ? Signed(limit) : null,
            CommittedBytes = Signed(state.Committed),
            SwapBytes = state.SwapInForce > 0 ? Signed(state.SwapInForce) : null,
        };

    /// <summary>Clamps to what JSON numbers of the API hold.</summary>
    internal static long Signed(ulong value) => (long)Math.Min(value, long.MaxValue);
}
