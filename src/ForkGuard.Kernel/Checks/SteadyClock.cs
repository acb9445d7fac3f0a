using System.Diagnostics;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Time of scans that never runs backwards: where the clock of the machine was set back, the time that really passed counts.
/// </summary>
internal sealed class SteadyClock
{
    private DateTimeOffset? _clock;
    private long _timestamp;

    internal DateTimeOffset Now { get; private set; }

    /// <summary>Moves on to a time that the clock of the machine shows.</summary>
    internal void Advance(DateTimeOffset clock)
    {
        var timestamp = Stopwatch.GetTimestamp();
        Now =
            _clock is not { } last ? clock
            : clock >= last ? Now + (clock - last)
            : Now + Stopwatch.GetElapsedTime(_timestamp, timestamp);
        (_clock, _timestamp) = (clock, timestamp);
    }
}
