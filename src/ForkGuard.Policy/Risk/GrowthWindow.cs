namespace ForkGuard.Policy.Risk;

/// <summary>Growth of a usage, in its unit; negative when it shrinks.</summary>
public readonly record struct Growth(long PerMinute);

/// <summary>
/// The recent samples of one process, at most 64, and their robust slope (Theil-Sen: the median of the slopes between
/// every two samples), which a few outliers do not move. Not safe for concurrent use.
/// </summary>
public sealed class GrowthWindow
{
    private const int MaxSamples = 64;
    private const int MinSamples = 5;
    private const int MaxPairs = MaxSamples * (MaxSamples - 1) / 2;
    private static readonly TimeSpan MinSpan = TimeSpan.FromSeconds(15);

    private readonly TimeSpan _window;
    private readonly List<Sample> _samples = [];

    /// <summary>A window of ten minutes.</summary>
    public GrowthWindow()
        : this(TimeSpan.FromMinutes(10)) { }

    /// <summary>A window that forgets samples older than <paramref name="window"/> before the newest.</summary>
    public GrowthWindow(TimeSpan window) => _window = window;

    /// <summary>A window with the samples of another one.</summary>
    public GrowthWindow(GrowthWindow other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _window = other._window;
        _samples.AddRange(other._samples);
    }

    /// <summary>
    /// Takes a sample; one that is not later than the newest is ignored. A kept answer that was seen to be still true is
    /// a sample as well: give the time it was seen, or a process that stopped growing looks as if it still grew.
    /// </summary>
    public void Add(DateTimeOffset measured, long used)
    {
        if (_samples.Count > 0 && measured <= _samples[^1].Measured)
        {
            return;
        }

        _samples.RemoveAll(sample => measured - sample.Measured > _window);
        if (_samples.Count == MaxSamples)
        {
            _samples.RemoveAt(MostCrowded());
        }

        _samples.Add(new Sample(measured, used));
    }

    /// <summary>The growth, or null with fewer than 5 samples or less than 15 seconds between the first and the last.</summary>
    public Growth? Estimate()
    {
        if (_samples.Count < MinSamples || _samples[^1].Measured - _samples[0].Measured < MinSpan)
        {
            return null;
        }

        Span<long> slopes = stackalloc long[MaxPairs];
        slopes = slopes[..FillSlopes(slopes)];
        slopes.Sort();
        var upper = slopes[slopes.Length / 2];
        var lower = slopes[(slopes.Length - 1) / 2];
        return new Growth((long)(((Int128)lower + upper) / 2));
    }

    /// <summary>Forgets every sample: for a new process behind the same name, or a clock that was set back.</summary>
    public void Clear() => _samples.Clear();

    /// <summary>
    /// Whole seconds, rounded up, until <paramref name="used"/> reaches <paramref name="limit"/>: null when it
    /// does not grow, 0 when it is there already.
    /// </summary>
    public static long? SecondsToLimit(long used, long limit, Growth growth)
    {
        if (growth.PerMinute <= 0)
        {
            return null;
        }

        if (used >= limit)
        {
            return 0;
        }

        var unitSeconds = ((Int128)limit - used) * 60;
        return long.CreateSaturating((unitSeconds + growth.PerMinute - 1) / growth.PerMinute);
    }

    // Dropping where samples are closest keeps the span and spreads the rest evenly; the ends hold the span.
    private int MostCrowded()
    {
        var crowded = 1;
        for (var i = 2; i < _samples.Count - 1; i++)
        {
            if (GapAround(i) < GapAround(crowded))
            {
                crowded = i;
            }
        }

        return crowded;
    }

    private TimeSpan GapAround(int i) => _samples[i + 1].Measured - _samples[i - 1].Measured;

    private int FillSlopes(Span<long> slopes)
    {
        var count = 0;
        for (var i = 0; i < _samples.Count; i++)
        {
            for (var j = i + 1; j < _samples.Count; j++)
            {
                slopes[count++] = _samples[i].SlopeTo(_samples[j]);
            }
        }

        return count;
    }

    private readonly record struct Sample(DateTimeOffset Measured, long Used)
    {
        public long SlopeTo(Sample later) =>
            long.CreateSaturating(
                ((Int128)later.Used - Used) * TimeSpan.TicksPerMinute / (later.Measured - Measured).Ticks
            );
    }
}
