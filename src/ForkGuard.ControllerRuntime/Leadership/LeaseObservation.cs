namespace ForkGuard.ControllerRuntime;

/// <summary>
/// How long the holder of a lease has shown no sign of life, by this process's own clock: those of the others may be wrong.
/// </summary>
internal sealed class LeaseObservation(TimeProvider time, TimeSpan defaultDuration)
{
    private (string Holder, string RenewTime, int Transitions)? _seen;
    private TimeSpan _duration;
    private long _since;

    /// <summary>
    /// Reports whether nobody leads by this lease. One that was deleted counts as held until its last known holder must have noticed.
    /// </summary>
    /// <param name="lease">As it is now; null if there is none.</param>
    public bool IsFree(Lease? lease)
    {
        if (lease is { Holder.Length: 0 })
        {
            return true;
        }

        if (lease is not null && _seen != (lease.Holder, lease.RenewTime, lease.Transitions))
        {
            _seen = (lease.Holder, lease.RenewTime, lease.Transitions);
            _duration = lease.Duration ?? defaultDuration;
            _since = time.GetTimestamp();
        }

        return _seen is null || time.GetElapsedTime(_since) >= _duration;
    }
}
