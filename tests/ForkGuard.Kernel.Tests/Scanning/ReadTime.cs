namespace ForkGuard.Kernel.Tests.Scanning;

/// <summary>A clock by which each read takes the same time.</summary>
internal sealed class ReadTime(TimeSpan ofRead) : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Runs whenever a read begins or ends.</summary>
    internal Action? OnAsked { get; set; }

    public override long GetTimestamp()
    {
        OnAsked?.Invoke();
        return _now += ofRead.Ticks;
    }
}
