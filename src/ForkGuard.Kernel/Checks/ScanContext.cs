using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Sources that the checks of one scan share: values of the node, cgroups, tasks of each user. Each is read at most once a scan, when it is
/// first needed. Not for several threads at once.
/// </summary>
public sealed class ScanContext
{
    // TASK_RSS_EVENTS_THRESH (mm/memory.c until Linux 6.1).
    private const ulong PagesOfThread = 64;

    private readonly SteadyClock _clock = new();
    private readonly NodeTasks _nodeTasks = new();
    private readonly UserTasks _userTasks;
    private readonly ReadBudget _budget;
    private readonly LivingNamespaces _livingNamespaces;

    /// <param name="proc">Where /proc is.</param>
    /// <param name="cgroups">The cgroup file systems.</param>
    /// <param name="evictionThreshold">
    /// Available memory of the node, in bytes, below which its kubelet evicts pods; 0 on a host without a kubelet.
    /// </param>
    /// <param name="budget">Time for smaps; null for the default, which is shared with nothing.</param>
    public ScanContext(ProcRoot proc, CgroupRoot cgroups, ulong evictionThreshold = 0, ReadBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(proc);
        ArgumentNullException.ThrowIfNull(cgroups);
        Proc = proc;
        Cgroups = cgroups;
        Memory = new MemoryRoomReader(proc, evictionThreshold);
        Reader = ReaderUsers.Of(proc);
        ShowsAllProcesses = ProcessLinks.ShowsAllProcesses(proc);
        _userTasks = new UserTasks(proc, ShowsAllProcesses);
        _livingNamespaces = new LivingNamespaces(proc);
        Zombies = new ZombieSurvey(proc, cgroups);
        _budget = budget ?? new ReadBudget(new ScanBudget());
        Uncopied = new UncopiedAreas(_budget);
        Span<byte> buffer = stackalloc byte[256];
        if (
            proc.TryRead("sys/kernel/osrelease"u8, buffer, out var text) == ReadStatus.Ok
            && KernelRelease.TryParse(text, out var release)
        )
        {
            Release = release;
        }

        ReadsNestedPidMax = Release.HasPidMaxOfNamespace && ProcessLinks.IsReaderNested(proc);
    }

    public ProcRoot Proc { get; }

    public CgroupRoot Cgroups { get; }

    /// <summary>Room of memory cgroups and of the node.</summary>
    public MemoryRoomReader Memory { get; }

    /// <summary>Version of the running kernel; 0.0 if it cannot be read.</summary>
    public KernelRelease Release { get; }

    /// <summary>kernel.pid_max as this process reads it is that of a nested pid namespace, and not that of the node.</summary>
    internal bool ReadsNestedPidMax { get; }

    /// <summary>Users as the user namespace of this process shows them.</summary>
    internal ReaderUsers Reader { get; }

    /// <summary>The processes in /proc are those of the whole node.</summary>
    internal bool ShowsAllProcesses { get; }

    /// <summary>Time of the scan, which never runs backwards: how long a source is kept does not depend on the clock.</summary>
    public DateTimeOffset Now => _clock.Now;

    /// <summary>Percent of the limit below which a check may return nothing, to save reads; 0 asks for every reading.</summary>
    public int LevelPercent { get; private set; }

    /// <summary>Tasks of the node and their limits.</summary>
    internal NodeTasks Node
    {
        get
        {
            _nodeTasks.EnsureRead(Proc);
            return _nodeTasks;
        }
    }

    /// <summary>Tasks of each real uid and user namespace, as of this scan.</summary>
    internal UserTasks Users
    {
        get
        {
            _userTasks.EnsureRead(Release, Node, Now);
            return _userTasks;
        }
    }

    /// <summary>The same, as of a scan within the last minute: good enough to leave a user out that is far from its limit.</summary>
    internal UserTasks RecentUsers
    {
        get
        {
            _userTasks.EnsureRecent(Release, Node, Now);
            return _userTasks;
        }
    }

    /// <summary>Pid namespaces whose init lives.</summary>
    internal LivingNamespaces LivingNamespaces => _livingNamespaces;

    /// <summary>How far RssAnon and VmSwap of a process can be off together, in bytes.</summary>
    internal ulong CounterError(in ProcessMemory memory)
    {
        var cpus = (ulong)Memory.Cpus;
        var pages =
            Release.CountsPagesByThread ? Saturating.Multiply(memory.Threads, PagesOfThread)
            : Release.CountsPagesByCpu ? cpus * Math.Max(32, 2 * cpus)
            : 0;
        return Saturating.Multiply(pages, 2 * (ulong)ProcRoot.PageSize);
    }

    /// <summary>Memory that forks leave out.</summary>
    internal UncopiedAreas Uncopied { get; }

    /// <summary>Ended processes that nobody has reaped, as of this scan.</summary>
    internal ZombieSurvey Zombies { get; }

    /// <summary>Starts a scan: everything is read again when it is next needed.</summary>
    public void BeginScan(DateTimeOffset now, int levelPercent)
    {
        _clock.Advance(now);
        LevelPercent = levelPercent;
        Cgroups.BeginScan(Now);
        Memory.BeginScan();
        _nodeTasks.Forget();
        _userTasks.Forget();
        _livingNamespaces.Forget();
        Zombies.Forget();
        _budget.BeginScan(now);
    }
}
