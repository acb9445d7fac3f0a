using ForkGuard.Api;
using ForkGuard.Host.Records;
using ForkGuard.Policy.Restarts;

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
            foreach (var record in store.List().Where(record => !_moved.Contains(record.Spec.Owner.Name)))
            {
                Move(store, record, step);
                _moved.Add(record.Spec.Owner.Name);
            }
        }

        if (step.Duration() > Tolerance)
        {
            (_clock, _timestamp) = (clock, timestamp);
            _moved.Clear();
        }
    }

    // A record of a later version stays as it is, as everywhere; nothing restarts its unit.
    private static void Move(RecordStore store, ForkRestart record, TimeSpan by)
    {
        if (record.Status is { Cooldown: { } cooldown } status && RestartRecords.StateOf(status) is not null)
        {
            store.Write(record with { Status = status with { Cooldown = Moved(cooldown, by) } });
        }
    }

    private static RestartCooldown Moved(RestartCooldown cooldown, TimeSpan by) =>
        cooldown with
        {
            Since = cooldown.Since + by,
            Until = cooldown.Until + by,
        };
}
