using ForkGuard.Api;

namespace ForkGuard.Policy.Risk;

/// <summary>
/// Usage of one constraint of one process since it settled after its start, and whether it grows. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// A process has settled once usage rose by at most one point of the limit in two minutes, at the latest five minutes after its
/// start. Usage that swings is compared with the top of its swings, so that a garbage collector does not count as growth.
/// </remarks>
public sealed class GrowthState
{
    private static readonly TimeSpan SettlesIn = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SettlesBy = TimeSpan.FromMinutes(5);

    private readonly RecentPeaks _peaks;
    private DateTimeOffset? _newest;
    private DateTimeOffset _calmSince;
    private long _calmFrom;
    private long _calmPeak;

    /// <summary>True once the settled usage was measured when the process settled, not when it was first seen.</summary>
    private bool _knowsStart;

    /// <summary>Starts with a process that was not seen before, or with what an earlier report has as <c>settled</c>.</summary>
    public GrowthState(SettledReport? settled = null)
    {
        _peaks = new RecentPeaks();
        Settled = settled;
        _knowsStart = settled is not null;
    }

    /// <summary>Starts with all that another one knows.</summary>
    public GrowthState(GrowthState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _peaks = new RecentPeaks(other._peaks);
        (_newest, _calmSince, _calmFrom, _calmPeak) = (
            other._newest,
            other._calmSince,
            other._calmFrom,
            other._calmPeak
        );
        (_knowsStart, Settled, Growing) = (other._knowsStart, other.Settled, other.Growing);
    }

    /// <summary>Usage once the process had settled after its start, or when it was first seen if that was later; null before.</summary>
    public SettledReport? Settled { get; private set; }

    /// <summary>
    /// Usage rose by more than a point of the limit since the process settled, or within the last hour. Null while that is not
    /// known: before the process settled, without a positive limit, and for an hour after an older process was first seen.
    /// </summary>
    public bool? Growing { get; private set; }

    /// <summary>Takes a sample.</summary>
    /// <param name="time">Time of the measurement; a sample that is not later than the newest is ignored.</param>
    /// <param name="used">Usage, in the unit of the limit.</param>
    /// <param name="limit">The limit at that time.</param>
    /// <param name="age">Time since the process started.</param>
    public void Add(DateTimeOffset time, long used, long limit, TimeSpan age)
    {
        if (time <= _newest)
        {
            return;
        }

        var isFirst = _newest is null;
        _newest = time;
        if (limit <= 0)
        {
            Growing = null;
            return;
        }

        var point = limit / 100;
        if (Settled is null && !Settles(time, used, point, age, isFirst))
        {
            return;
        }

        Growing = Grows(time, used, point);
        _peaks.Add(time, used);
    }

    private bool Settles(DateTimeOffset time, long used, long point, TimeSpan age, bool isFirst)
    {
        if (isFirst || used - point > _calmFrom)
        {
            _calmSince = time;
            _calmFrom = used;
            _calmPeak = used;
        }

        _calmPeak = Math.Max(_calmPeak, used);
        if (age < SettlesBy && time - _calmSince < SettlesIn)
        {
            return false;
        }

        _knowsStart = !isFirst;
        Settled = new SettledReport { Time = time, Used = _calmPeak };
        return true;
    }

    private bool? Grows(DateTimeOffset time, long used, long point)
    {
        var isAbove = used - point > Settled!.Used || used - point > _peaks.Lowest(time);
        return isAbove ? true
            : _knowsStart || time - Settled.Time >= RecentPeaks.Span ? false
            : null;
    }
}
