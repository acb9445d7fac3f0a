using ForkGuard.Api;
using ForkGuard.Host.Records;

namespace ForkGuard.Host.Restarts;

/// <summary>
/// Moves cooldowns with the clock of the machine when it is set forward while this process runs: a cooldown lasts its whole
/// length. A suspended machine counts as one whose clock was set.
/// </summary>
internal sealed class ClockSteps(TimeProvider time)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    // Units of the step in progress: a record that cannot be written leaves it unfinished.
    private readonly HashSet<string> _moved = new(StringComparer.Ordinal);
    private DateTimeOffset _clock = time.GetUtcNow();
    private long _timestamp = time.GetTimestamp();

    /// <exception cref="IOException">A record was not written.</exception>
    /// <exception cref="UnauthorizedAccessException">A record may not be written.</exception>
    internal void Follow(RecordStore store)
    {
        var (clock, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        var step = clock - _clock - time.GetElapsedTime(_timestamp, timestamp);
        if (step > Tolerance)
        {
            foreach (var record in store.List())
            {
                var unit = record.Spec.Owner.Name;
                if (record.Status is { Cooldown: { } cooldown } status && !_moved.Contains(unit))
                {
                    store.Write(record with { Status = status with { Cooldown = Moved(cooldown, step) } });
                    _moved.Add(unit);
                }
            }
        }

        if (step.Duration() > Tolerance)
        {
            (_clock, _timestamp) = (clock, timestamp);
            _moved.Clear();
        }
    }

    private static RestartCooldown Moved(RestartCooldown cooldown, TimeSpan by) =>
        cooldown with
        {
            Since = cooldown.Since + by,
            Until = cooldown.Until + by,
        };
}
