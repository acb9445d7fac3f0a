namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Chooses the processes whose cgroups a scan reads again: a process may move into a full cgroup at any time. A process has its
/// turn once its cgroups were read 45 s ago. At most 4 processes have it in a scan, in the order of their pids. With scans
/// every 15 s that is within a minute for 16 processes, and within ten for 160. Not for several threads at once.
/// </summary>
public sealed class CgroupTurns
{
    private const int MaxReads = 4;
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(45);

    private DateTimeOffset _now;
    private int _left;
    private int _lastPid;
    private int _end;

    /// <summary>Starts a scan.</summary>
    public void Begin(DateTimeOffset now)
    {
        // The last scan came to the end of the list.
        if (_left > 0 || _lastPid >= _end)
        {
            _lastPid = 0;
        }

        _now = now;
        _left = MaxReads;
    }

    /// <summary>Returns true if it is the turn of this process. Asked for each process of a scan, by ascending pid.</summary>
    public bool Take(ProcessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        _end = facts.Pid;
        if (_left == 0 || facts.Pid <= _lastPid || (_now - facts.CgroupsTime).Duration() < MaxAge)
        {
            return false;
        }

        _left--;
        _lastPid = facts.Pid;
        return true;
    }
}
