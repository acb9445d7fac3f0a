using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>The running machine.</summary>
internal static class Live
{
    internal static KernelState State()
    {
        Assert.True(new KernelStateReader(new ProcRoot()).TryRead(out var state, out var problem), problem);
        return state;
    }

    /// <summary>The mode that holds, or mode 0 as a what-if on a machine that refuses nothing.</summary>
    internal static OvercommitMode EvaluatedMode(in KernelState state) =>
        state.Mode == OvercommitMode.Always ? OvercommitMode.Heuristic : state.Mode;

    internal static ProcessReading Inspect(int pid)
    {
        var state = State();
        return new ProcessInspector(new ProcRoot()).Inspect(
            pid,
            state,
            state.Mode,
            levelPercent: 0,
            DateTimeOffset.UnixEpoch
        );
    }
}
