using System.Globalization;
using ForkGuard.Host.Records;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Host.Restarts;

/// <summary>
/// Moves the times of the records with the clock of the machine when it is set forward: cooldowns and proofs last their whole
/// length. The state directory has the clock that the times are of, so that a step between two processes of one boot counts
/// too. A suspended machine counts as one whose clock was set.
/// </summary>
internal sealed class ClockSteps(HostIdentity host, TimeProvider time)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    // Units of the step in progress: a record that cannot be written leaves it unfinished.
    private readonly HashSet<string> _moved = new(StringComparer.Ordinal);

    /// <summary>The time at which the monotonic clock was zero, by the clock that the times of the records are of.</summary>
    private DateTimeOffset? _zero;

    /// <exception cref="IOException">A record was not written.</exception>
    /// <exception cref="UnauthorizedAccessException">A record may not be written.</exception>
    internal void Follow(RecordStore store)
    {
        var zero = time.GetUtcNow() - time.GetElapsedTime(0);
        _zero ??= Parse(store.ReadClock());
        var step = zero - (_zero ?? zero);
        if (step > Tolerance)
        {
            foreach (var record in store.List().Where(record => !_moved.Contains(record.Spec.Owner.Name)))
            {
                store.Write(record with { Status = RecordTimes.Moved(record.Status!, step) });
                _moved.Add(record.Spec.Owner.Name);
            }
        }

        if (_zero is null || step.Duration() > Tolerance)
        {
            store.WriteClock(string.Create(CultureInfo.InvariantCulture, $"{host.BootId} {zero:O}"));
            _zero = zero;
            _moved.Clear();
        }
    }

    // Null for another boot, whose monotonic clock was another one.
    private DateTimeOffset? Parse(string? text) =>
        text?.Split(' ') is [var boot, var zero]
        && string.Equals(boot, host.BootId, StringComparison.Ordinal)
        && DateTimeOffset.TryParseExact(zero, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed)
        && RecordCheck.IsPossible(parsed)
            ? parsed
            : null;
}
