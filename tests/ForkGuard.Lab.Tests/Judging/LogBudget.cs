using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Judging;

/// <summary>
/// The kernel writes at most ten of these lines in five seconds (include/linux/ratelimit_types.h): only a refusal that
/// it had room to write can be missing.
/// </summary>
internal sealed class LogBudget
{
    // Of the ten some may go to mappings that were refused, which nobody counts here.
    private const int Lines = 6;

    /// <summary>After so long a silence the kernel has room for a line again.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private readonly Queue<TimeSpan> _refusals = new();

    /// <param name="fork">A fork that was not refused.</param>
    internal static Witness OfGranted(ForkOutcome fork) => fork.Log.Count == 0 ? Witness.Agrees : Witness.Contradicts;

    /// <param name="fork">A fork that was refused.</param>
    /// <param name="uptime">The guest's: its clock falls behind on a busy host, and the kernel counts by it.</param>
    internal Witness OfRefused(ForkOutcome fork, TimeSpan uptime)
    {
        while (_refusals.TryPeek(out var oldest) && uptime - oldest > Window)
        {
            _refusals.Dequeue();
        }

        var isFull = _refusals.Count >= Lines;
        _refusals.Enqueue(uptime);
        return fork.Log.Count > 0 ? Witness.Agrees
            : isFull ? Witness.Silenced
            : Witness.Contradicts;
    }
}
