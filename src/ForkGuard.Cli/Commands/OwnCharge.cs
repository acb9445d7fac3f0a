using System.Globalization;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Cli.Commands;

/// <summary>Memory that this program itself has committed.</summary>
internal static class OwnCharge
{
    private const int MaxAttempts = 8;

    /// <summary>
    /// In mode 2 Committed_AS holds this process too, which is gone before anyone forks: reads the state again and takes
    /// off what this process held before and after that read alike, since its heap grows while it measures itself. A
    /// captured tree, or one of another pid namespace, does not show this process, and nothing is taken off.
    /// </summary>
    internal static KernelState TakenOff(
        in KernelState state,
        KernelStateReader reader,
        ProcRoot proc,
        DateTimeOffset now
    )
    {
        if (!IsPartOf(state, proc, out var self))
        {
            return state;
        }

        var inspector = new ProcessInspector(proc);
        var before = Of(self, inspector, state, now);
        for (var attempt = 1; before is not null && reader.TryRead(out var current, out _); attempt++)
        {
            var after = Of(self, inspector, state, now);
            if (after == before || attempt == MaxAttempts)
            {
                return current with { Committed = current.Committed - Math.Min(before.Value, current.Committed) };
            }

            before = after;
        }

        return state;
    }

    /// <summary>The same part in bytes; 0 where nothing is taken off.</summary>
    internal static ulong Bytes(in KernelState state, ProcRoot proc, DateTimeOffset now) =>
        IsPartOf(state, proc, out var self) ? Of(self, new ProcessInspector(proc), state, now) ?? 0 : 0;

    private static bool IsPartOf(in KernelState state, ProcRoot proc, out int self)
    {
        self = 0;
        return state.Mode == OvercommitMode.Strict
            && proc.Path == "/proc"
            && int.TryParse(new FileInfo("/proc/self").LinkTarget, CultureInfo.InvariantCulture, out self);
    }

    private static ulong? Of(int self, ProcessInspector inspector, in KernelState state, DateTimeOffset now)
    {
        var own = inspector.Inspect(self, state, state.Mode, levelPercent: 0, now);
        return own.Status == ReadStatus.Ok ? own.Assessment.Own : null;
    }
}
