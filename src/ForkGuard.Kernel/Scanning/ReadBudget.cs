namespace ForkGuard.Kernel.Scanning;

/// <summary>Spends a <see cref="ScanBudget"/>, scan by scan. Not for several threads at once.</summary>
internal sealed class ReadBudget(ScanBudget limits)
{
    private readonly Dictionary<PodKey, TimeSpan> _pods = [];
    private readonly List<PodKey> _settled = [];
    private TimeSpan _smapsLeft = limits.Smaps;
    private TimeSpan _mapsLeft = limits.Maps;

    /// <summary>Begins a scan: each budget is refilled, less what is owed.</summary>
    internal void Begin()
    {
        _smapsLeft = Refill(_smapsLeft, limits.Smaps);
        _mapsLeft = Refill(_mapsLeft, limits.Maps);
        _settled.Clear();
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

    internal bool AllowsMaps(TimeSpan predicted) => Allows(_mapsLeft, limits.Maps, predicted);

    internal void SpendMaps(TimeSpan measured) => _mapsLeft -= measured;

    internal bool AllowsSmaps(PodKey pod, TimeSpan predicted) =>
        Allows(_smapsLeft, limits.Smaps, predicted)
        && Allows(_pods.GetValueOrDefault(pod, limits.SmapsOfPod), limits.SmapsOfPod, predicted);

    internal void SpendSmaps(PodKey pod, TimeSpan measured)
    {
        _smapsLeft -= measured;
        _pods[pod] = _pods.GetValueOrDefault(pod, limits.SmapsOfPod) - measured;
    }

    private static bool Allows(TimeSpan left, TimeSpan limit, TimeSpan predicted) => left >= limit || predicted <= left;

    private static TimeSpan Refill(TimeSpan left, TimeSpan limit) => left + limit < limit ? left + limit : limit;
}

/// <summary>Whose budget a read is taken from.</summary>
/// <param name="Pod">The caller's number of the pod; 0 for none.</param>
/// <param name="Pid">The process where there is no pod; otherwise 0.</param>
internal readonly record struct PodKey(ulong Pod, int Pid)
{
    internal static PodKey Of(ulong pod, int pid) => pod != 0 ? new(pod, 0) : new(0, pid);
}
