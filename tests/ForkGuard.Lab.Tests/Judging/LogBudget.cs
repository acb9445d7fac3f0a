using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Judging;

/// <summary>
/// The kernel writes at most ten of these lines in five seconds (include/linux/ratelimit_types.h): only a refusal that
/// it had room to write can be missing.
/// </summary>
internal sealed class LogBudget(TimeProvider time)
{
    // Of the ten some may go to mappings that were refused, which nobody counts here.
    private const int Lines = 6;

    // The guest's clock may run behind the host's.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private readonly Queue<long> _refusals = new();

    internal Witness Judge(ForkOutcome fork)
    {
        while (_refusals.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > Window)
        {
            _refusals.Dequeue();
        }

        var isFull = _refusals.Count >= Lines;
        if (fork.IsRefused)
        {
            _refusals.Enqueue(time.GetTimestamp());
        }

        return fork.Log.Count > 0 == fork.IsRefused ? Witness.Agrees
            : fork.IsRefused && isFull ? Witness.Silenced
            : Witness.Contradicts;
    }
}
