namespace ForkGuard.Policy.Risk;

/// <summary>The highest usage of each five minutes of the last hour.</summary>
internal sealed class RecentPeaks
{
    public static readonly TimeSpan Span = TimeSpan.FromHours(1);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    private readonly Queue<Peak> _peaks = new(capacity: 14);
    private Peak? _current;

    public RecentPeaks() { }

    public RecentPeaks(RecentPeaks other) => (_peaks, _current) = (new Queue<Peak>(other._peaks), other._current);

    public void Add(DateTimeOffset time, long used)
    {
        if (_current is { } current && time - current.Start < Step)
        {
            _current = current with { Used = Math.Max(current.Used, used) };
            return;
        }

        if (_current is { } complete)
        {
            _peaks.Enqueue(complete);
        }

        _current = new Peak(time, used);
        while (_peaks.TryPeek(out var oldest) && time - oldest.Start > Span)
        {
            _peaks.Dequeue();
        }
    }

    /// <summary>The lowest of the peaks of the last hour; <see cref="long.MaxValue"/> without one.</summary>
    public long Lowest(DateTimeOffset time)
    {
        var lowest = long.MaxValue;
        foreach (var peak in _peaks)
        {
            if (time - peak.Start <= Span)
            {
                lowest = Math.Min(lowest, peak.Used);
            }
        }

        return lowest;
    }

    private readonly record struct Peak(DateTimeOffset Start, long Used);
}
