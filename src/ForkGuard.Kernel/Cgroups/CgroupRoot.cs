using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>Where a process stands in the hierarchy of a controller.</summary>
/// <param name="Cgroup">Its cgroup; null if the controller is not in use, so that no limit of it exists, or for a
/// problem.</param>
/// <param name="Problem">Reason for which the cgroup is not known although limits may exist; null if there is
/// none.</param>
public readonly record struct CgroupPlace(Cgroup? Cgroup, string? Problem);

/// <summary>
/// The cgroup file systems of a machine: v2, v1, or both (cgroups(7)). Finds them once; keeps what it read of a cgroup
/// for
/// one scan. Not for several threads at once.
/// </summary>
public sealed class CgroupRoot : IDisposable
{
    /// <summary>
    /// Time for which a number is kept at most, only while the usage is below half of the limit or cannot reach the level, and
    /// never where somebody asks about one process. A limit that is lowered counts within this time, however often is scanned, and
    /// in the next scan where its file is watched.
    /// A file that is absent is not looked for again for as long: limits appear only when a controller is enabled.
    /// </summary>
    internal static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(45);

    /// <summary>
    /// Time for which a limit is kept whose file is watched and was not written, while the usage is read every
    /// <see cref="KeptFor"/>. Both together are less than ten minutes.
    /// </summary>
    internal static readonly TimeSpan WatchedFor = TimeSpan.FromMinutes(9);

    private const long ScansUntilSwept = 16;
    private const int MaxHeld = 4096;

    // Any number of phases spreads evenly.
    private const double PhaseStep = 0.6180339887498949;

    private const string HostPath = "/host/sys/fs/cgroup";
    private const string OwnPath = "/sys/fs/cgroup";

    private readonly CgroupHierarchy? _unified;
    private readonly CgroupHierarchy? _pids;
    private readonly CgroupHierarchy? _memory;
    private readonly ProcRoot _proc;
    private readonly string _path;
    private readonly int _maxHeld;
    private int _held;
    private long _phases;
    private bool? _hasLocalPidsEvents;

    /// <param name="proc">Where /proc is for the reader.</param>
    /// <param name="path">Folder of the file systems; null for <see cref="DefaultPath"/>.</param>
    /// <param name="maxHeld">
    /// Descriptors that may stay open between scans; absent: an eighth of those that this process may open, 4096 at most.
    /// </param>
    /// <param name="ownPid">
    /// Pid of the process whose cgroup gives the root of the reader's cgroup namespace, in a pid namespace that it shares with the
    /// reader; absent: this process.
    /// </param>
    /// <param name="maxWatches">
    /// Limit files that may be watched for writes; absent: an eighth of those of this user, 2048 at most.
    /// </param>
    public CgroupRoot(
        ProcRoot proc,
        string? path = null,
        int? maxHeld = null,
        int? ownPid = null,
        int? maxWatches = null
    )
    {
        ArgumentNullException.ThrowIfNull(proc);
        _proc = proc;
        _path = path = (path ?? DefaultPath).TrimEnd('/');
        _maxHeld = maxHeld ?? Math.Min(DescriptorLimit.Raise() / 8, MaxHeld);
        Watches = new LimitWatches(this, proc, maxWatches);
        // In the /proc of an outer pid namespace this process has another pid; cgroup.procs always has the reader's own one.
        var pid = ownPid ?? Environment.ProcessId;
        Span<byte> buffer = stackalloc byte[16 * 1024];
        var read = ownPid is null
            ? proc.TryReadAll(pid: -1, "self/cgroup"u8, buffer, out var text)
            : proc.TryReadAll(pid, "cgroup"u8, buffer, out text);
        var own = read == ReadStatus.Ok ? text.ToArray() : [];
        _unified = Open(CgroupMounts.FindUnified(proc, path), isUnified: true, own, default, pid);
        _pids = Open(CgroupMounts.FindLegacy(proc, path, "pids"), isUnified: false, own, "pids"u8, pid);
        _memory = Open(CgroupMounts.FindLegacy(proc, path, "memory"), isUnified: false, own, "memory"u8, pid);
    }

    /// <summary>
    /// <c>/host/sys/fs/cgroup</c> where it exists, as in the agent's container; otherwise <c>/sys/fs/cgroup</c>.
    /// </summary>
    public static string DefaultPath => Directory.Exists(HostPath) ? HostPath : OwnPath;

    /// <summary>cgroup v2 is mounted with pids_localevents (Linux 6.11). Read once, when it is first needed.</summary>
    internal bool HasLocalPidsEvents => _hasLocalPidsEvents ??= CgroupMounts.HasLocalPidsEvents(_proc);

    /// <summary>Number of the scan; numbers that were read in an earlier one are read again.</summary>
    internal long Scan { get; private set; } = 1;

    internal LimitWatches Watches { get; }

    /// <summary>Time of the scan.</summary>
    internal DateTimeOffset Now { get; private set; }

    /// <summary>Starts a scan: every file that is not kept is read again when it is next asked for.</summary>
    /// <param name="now">Never before that of the last scan.</param>
    public void BeginScan(DateTimeOffset now)
    {
        Now = now;
        Scan++;
        Watches.Drain();
        if (Scan % ScansUntilSwept == 0)
        {
            _unified?.Sweep(Scan - ScansUntilSwept);
            _pids?.Sweep(Scan - ScansUntilSwept);
            _memory?.Sweep(Scan - ScansUntilSwept);
        }
    }

    /// <summary>
    /// The mounted part of the hierarchy of <paramref name="controller"/> starts below its root, as in a container:
    /// limits further up exist and cannot
    /// be read.
    /// </summary>
    public bool HidesAncestors(CgroupController controller) => !((Legacy(controller) ?? _unified)?.IsWhole ?? true);

    /// <summary>
    /// Places a process by the content of its /proc/PID/cgroup. Allocates only for a cgroup that was not seen before.
    /// </summary>
    public CgroupPlace Locate(ReadOnlySpan<byte> procCgroup, CgroupController controller)
    {
        if (TryFindPath(procCgroup, Name(controller), out var path))
        {
            return Place(Legacy(controller), path);
        }

        return TryFindPath(procCgroup, default, out path) ? Place(_unified, path) : default;
    }

    public void Dispose()
    {
        _unified?.DetachAll();
        _pids?.DetachAll();
        _memory?.DetachAll();
        Watches.Dispose();
    }

    /// <summary>Returns the part of each period at which a cgroup reads again, so that no scan reads all of them.</summary>
    internal double NextPhase() => _phases++ * PhaseStep % 1;

    internal bool TryHold()
    {
        if (_held >= _maxHeld)
        {
            return false;
        }

        _held++;
        return true;
    }

    internal void Unhold() => _held--;

    /// <summary>
    /// Path in the line <c>ID:CONTROLLERS:PATH</c> that names a controller; an empty name stands for v2.
    /// </summary>
    internal static bool TryFindPath(
        ReadOnlySpan<byte> text,
        scoped ReadOnlySpan<byte> controller,
        out ReadOnlySpan<byte> path
    )
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            var first = line.IndexOf((byte)':');
            var second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
            if (second < 0)
            {
                continue;
            }

            var names = line.Slice(first + 1, second);
            if (controller.IsEmpty ? names.IsEmpty && line[..first].SequenceEqual("0"u8) : Names(names, controller))
            {
                path = line[(first + second + 2)..];
                return true;
            }
        }

        path = default;
        return false;
    }

    private static bool Names(ReadOnlySpan<byte> names, ReadOnlySpan<byte> controller)
    {
        foreach (var range in names.Split((byte)','))
        {
            if (names[range].SequenceEqual(controller))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> Name(CgroupController controller) =>
        controller == CgroupController.Pids ? "pids"u8 : "memory"u8;

    private CgroupHierarchy? Legacy(CgroupController controller) =>
        controller == CgroupController.Pids ? _pids : _memory;

    private CgroupPlace Place(CgroupHierarchy? hierarchy, ReadOnlySpan<byte> path)
    {
        if (hierarchy is null)
        {
            return new CgroupPlace(Cgroup: null, $"the hierarchy of the controller is not mounted below {_path}");
        }

        if (hierarchy.Problem is not null)
        {
            return new CgroupPlace(Cgroup: null, hierarchy.Problem);
        }

        return hierarchy.Find(path) is { } cgroup
            ? new CgroupPlace(cgroup, Problem: null)
            : new CgroupPlace(Cgroup: null, $"the cgroup is outside of {_path}");
    }

    private CgroupHierarchy? Open(byte[]? mountPath, bool isUnified, byte[] own, ReadOnlySpan<byte> name, int pid) =>
        mountPath is null
            ? null
            : new CgroupHierarchy(
                this,
                mountPath,
                isUnified,
                TryFindPath(own, name, out var path) ? path.ToArray() : null,
                pid
            );
}
