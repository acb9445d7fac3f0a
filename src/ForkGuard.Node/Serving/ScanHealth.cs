namespace ForkGuard.Node.Serving;

/// <summary>Liveness and readiness by the age of the last scan. For several threads.</summary>
internal sealed class ScanHealth
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time;
    private long _lastScan;
    private long _intervalTicks;
    private volatile bool _hasScanned;

    internal ScanHealth(TimeProvider time, TimeSpan interval)
    {
        _time = time;
        _intervalTicks = interval.Ticks;
        _lastScan = time.GetTimestamp();
    }

    /// <summary>A scan is over, and the next one is due after the interval.</summary>
    internal void Scanned(TimeSpan interval)
    {
        Volatile.Write(ref _intervalTicks, interval.Ticks);
        Volatile.Write(ref _lastScan, _time.GetTimestamp());
        _hasScanned = true;
    }

    /// <summary>There was a scan.</summary>
    internal bool IsReady => _hasScanned;

    /// <summary>False once three scans in a row and 15 seconds more are missing: the program should be restarted.</summary>
    internal bool IsAlive => SinceLastScan < (3 * new TimeSpan(Volatile.Read(ref _intervalTicks))) + Slack;

    /// <summary>Time since the last scan; before the first, since the start.</summary>
    internal TimeSpan SinceLastScan => _time.GetElapsedTime(Volatile.Read(ref _lastScan));
}
