using System.Globalization;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Cli.Commands;

/// <summary>What this program itself has committed.</summary>
internal static class OwnCharge
{
    /// <summary>
    /// In mode 2 Committed_AS holds this process too, which is gone before anyone forks. A captured tree, or one of
    /// another pid namespace, does not show this process, and nothing is taken off.
    /// </summary>
    internal static KernelState TakenOff(in KernelState state, ProcRoot proc, DateTimeOffset now)
    {
        if (
            state.Mode != OvercommitMode.Strict
            || proc.Path != "/proc"
            || !int.TryParse(new FileInfo("/proc/self").LinkTarget, CultureInfo.InvariantCulture, out var self)
        )
        {
            return state;
        }

        var own = new ProcessInspector(proc).Inspect(self, state, state.Mode, levelPercent: 0, now);
        return own.Status == ReadStatus.Ok
            ? state with
            {
                Committed = state.Committed - Math.Min(own.Assessment.Own, state.Committed),
            }
            : state;
    }
}
