namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Spends a <see cref="ScanBudget"/>, scan by scan. All reads of maps and smaps in the scans of a
/// node share one. Not for several threads at once.
/// </summary>
/// <param name="limits">Time for each scan.</param>
/// <param name="podOf">
/// A number for the pod of a process, 0 for none: smaps has a budget for each pod. Null where no pods are known.
/// </param>
public sealed class ReadBudget(ScanBudget limits, Func<int, ulong>? podOf = null)
{
    private readonly Dictionary<PodKey, TimeSpan> _pods = [];
    private readonly List<PodKey> _settled = [];
    private readonly HashSet<PodKey> _waiting = [];
    private TimeSpan _smapsLeft = limits.Smaps;
    private TimeSpan _mapsLeft = limits.Maps;
    private TimeSpan _kept;
    private bool _wasShort;
    private DateTimeOffset? _time;

    /// <summary>Begins the scan of this time, and refills each budget, less what is owed. Further calls with the same time do nothing.</summary>
    internal void BeginScan(DateTimeOffset time)
    {
        if (time == _time)
        {
            return;
        }

        _time = time;
        _kept = _wasShort ? limits.Smaps / 2 : TimeSpan.Zero;
        _wasShort = false;
        _smapsLeft = Refill(_smapsLeft, limits.Smaps);
        _mapsLeft = Refill(_mapsLeft, limits.Maps);
        _settled.Clear();
        _waiting.Clear();
        foreach (var (key, left) in _pods)
        {
            if (Refill(left, limits.SmapsOfPod) == limits.SmapsOfPod)
            {
                _settled.Add(key);
            }
            else
            {
                _pods[key] = Refill(left, limits.SmapsOfPod);
            }
        }

        foreach (var key in _settled)
        {
            _pods.Remove(key);
        }
    }

    internal PodKey KeyOf(int pid) => podOf?.Invoke(pid) is { } pod and not 0 ? new PodKey(pod, 0) : new PodKey(0, pid);

    internal bool AllowsMaps(TimeSpan predicted) => Allows(_mapsLeft, limits.Maps, predicted);

    internal void SpendMaps(TimeSpan measured) => _mapsLeft -= measured;

    /// <summary>
    /// The time that is left is enough for a read, or all of it is left. After a scan in which nothing was left for decisions, half of the
    /// time is kept for them.
    /// </summary>
    internal bool AllowsSmaps(PodKey pod, TimeSpan predicted)
    {
        if (!Allows(_smapsLeft - _kept, limits.Smaps - _kept, predicted))
        {
            return false;
        }

        if (!Allows(LeftOf(pod), limits.SmapsOfPod, predicted))
        {
            _waiting.Add(pod);
            return false;
        }

        return true;
    }

    /// <summary>
    /// Some time is left for smaps of a process that a decision may rest on. None is left while another process of its pod waits for
    /// time. A read that costs more is paid off by later scans.
    /// </summary>
    /// <param name="pid">The process.</param>
    /// <param name="pod">For <see cref="SpendSmaps"/>.</param>
    internal bool HasSmaps(int pid, out PodKey pod)
    {
        pod = default;
        if (_smapsLeft <= TimeSpan.Zero)
        {
            _wasShort = true;
            return false;
        }

        pod = KeyOf(pid);
        return LeftOf(pod) > TimeSpan.Zero && !_waiting.Contains(pod);
    }

    internal void SpendSmaps(PodKey pod, TimeSpan measured)
    {
        _smapsLeft -= measured;
        _pods[pod] = LeftOf(pod) - measured;
    }

    private TimeSpan LeftOf(PodKey pod) => _pods.GetValueOrDefault(pod, limits.SmapsOfPod);

    private static bool Allows(TimeSpan left, TimeSpan limit, TimeSpan predicted) => left >= limit || predicted <= left;

    private static TimeSpan Refill(TimeSpan left, TimeSpan limit) => left + limit < limit ? left + limit : limit;
}

/// <summary>Whose budget a read is taken from.</summary>
/// <param name="Pod">The number of the pod; 0 for none.</param>
/// <param name="Pid">The process where there is no pod; otherwise 0.</param>
internal readonly record struct PodKey(ulong Pod, int Pid);
