using System.Text;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>One cgroup of one hierarchy. Not for several threads at once.</summary>
/// <remarks>
/// A number is read at most once a scan, however many processes share the cgroup. A descriptor that is held answers
/// ENODEV
/// once its cgroup is removed, also when another cgroup has the same path by then.
/// </remarks>
public sealed class Cgroup
{
    // kernfs limits a path to PATH_MAX.
    internal const int MaxPathBytes = 4096;

    private readonly byte[] _directory;
    private readonly CgroupHierarchy _hierarchy;
    private readonly Dictionary<string, Cgroup> _children = new(StringComparer.Ordinal);
    private HeldCgroupFile[] _files = [];
    private CgroupNotes[] _notes = [];
    private readonly double _phase;
    private bool _isDetached;
    private long _forgottenScan;

    internal Cgroup(CgroupHierarchy hierarchy, Cgroup? parent, ReadOnlySpan<byte> name)
    {
        _hierarchy = hierarchy;
        _phase = hierarchy.Root.NextPhase();
        Parent = parent;
        _directory = parent is null ? [.. name] : [.. parent._directory, (byte)'/', .. name];
        var path = _directory.AsSpan(hierarchy.MountPathLength);
        Path = path.IsEmpty ? "/" : Encoding.UTF8.GetString(path);
        Pod = PodOf(path);
        Scope = ScopeOf(name);
    }

    /// <summary>The cgroup above it; null for the root of the hierarchy, or of the part that is mounted.</summary>
    public Cgroup? Parent { get; }

    /// <summary>Path from the root of the hierarchy, for messages: invalid UTF-8 is replaced.</summary>
    public string Path { get; }

    /// <summary>
    /// The innermost pod whose cgroup this is or that contains it, with the container; null outside of pods.
    /// </summary>
    public PodCgroup? Pod { get; }

    /// <summary>Pod or Container only for the cgroup that holds all processes of one; Cgroup for every other.</summary>
    public ConstraintScope Scope { get; }

    /// <summary>cgroup v2 (cgroups(7)), whose files differ from those of v1.</summary>
    public bool IsUnified => _hierarchy.IsUnified;

    /// <summary>cgroup v2 is mounted with pids_localevents: pids.events counts refusals where a process forked.</summary>
    internal bool HasLocalPidsEvents => _hierarchy.Root.HasLocalPidsEvents;

    /// <summary>Its directory, without a NUL byte.</summary>
    internal ReadOnlySpan<byte> Directory => _directory;

    /// <summary>Its directory for the reader: invalid UTF-8 is replaced.</summary>
    public string DirectoryPath => Encoding.UTF8.GetString(_directory);

    internal Dictionary<string, Cgroup> Children => _children;

    internal long LastScan { get; set; }

    internal DateTimeOffset ScanTime => _hierarchy.Root.Now;

    internal long ScanNumber => _hierarchy.Root.Scan;

    /// <summary>
    /// End of the time for which numbers of this scan may be kept: at most <see cref="CgroupRoot.KeptFor"/> from now, and another
    /// moment for each cgroup.
    /// </summary>
    internal DateTimeOffset KeptUntil => EndOf(CgroupRoot.KeptFor);

    /// <summary>
    /// Reads a file that holds one number, at most once a scan. Never throws; allocates only for a failure.
    /// </summary>
    public CgroupNumber Number(CgroupFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        LastScan = _hierarchy.Root.Scan;
        var held = FileOf(file);
        var number = held.Number(_directory, canHold: !_isDetached);
        if (held.LostCgroup)
        {
            Array.ForEach(_files, other => other.Forget());
        }

        return number;
    }

    /// <summary>
    /// Reads a limit. While the usage, which is read in every scan, is below half of it, the limit may be a kept one
    /// (<see cref="CgroupRoot.KeptFor"/>, or <see cref="CgroupRoot.WatchedFor"/>), unless <paramref name="isFresh"/>.
    /// </summary>
    internal CgroupNumber Limit(CgroupFile limitFile, CgroupFile usageFile, bool isFresh)
    {
        if (isFresh)
        {
            return Limit(limitFile, isKept: false);
        }

        var isFar = IsFarFrom(Number(limitFile), usageFile);
        var limit = Limit(limitFile, isKept: isFar);
        var held = FileOf(limitFile);
        if (isFar)
        {
            held.KeepWatched(EndOf(CgroupRoot.WatchedFor));
        }
        else if (!limit.IsLimit)
        {
            // Notes of the cgroup are kept because there is no limit: the first one that is set ends them.
            held.Watch(this);
        }

        return limit;
    }

    /// <summary>Reads a limit, with <paramref name="isKept"/> not in every scan.</summary>
    internal CgroupNumber Limit(CgroupFile limitFile, bool isKept)
    {
        var held = FileOf(limitFile);
        if (!isKept)
        {
            held.Forget();
        }

        var limit = Number(limitFile);
        if (isKept)
        {
            held.Watch(this);
            held.Keep(KeptUntil);
        }

        return limit;
    }

    private bool IsFarFrom(in CgroupNumber limit, CgroupFile usageFile) =>
        limit.IsLimit && Number(usageFile) is { IsLimit: true } usage && usage.Value < limit.Value / 2;

    /// <summary>
    /// Reads a file of several lines from its beginning, as far as the buffer goes, each time it is called.
    /// <paramref name="errno"/> is that of a failure, otherwise 0.
    /// </summary>
    internal CgroupReadStatus Read(CgroupFile file, Span<byte> buffer, out ReadOnlySpan<byte> text, out int errno)
    {
        LastScan = _hierarchy.Root.Scan;
        return FileOf(file).Read(_directory, canHold: !_isDetached, buffer, out text, out errno);
    }

    /// <summary>Returns the notes of a kind, which are made for its first reader.</summary>
    internal T Notes<T>()
        where T : CgroupNotes, new()
    {
        foreach (var notes in _notes)
        {
            if (notes is T own)
            {
                return own;
            }
        }

        var made = new T();
        _notes = [.. _notes, made];
        return made;
    }

    /// <summary>Ends what is kept of it and of all above it: a process has come that was not there before.</summary>
    internal void ForgetKept()
    {
        for (var cgroup = this; cgroup is not null; cgroup = cgroup.Parent)
        {
            cgroup.ForgetOwnNotes();
            foreach (var file in cgroup._files)
            {
                file.Forget();
            }
        }
    }

    /// <summary>
    /// Ends what is kept of it, and what follows from it for all below it: one of its limits was written. Once a scan, however often
    /// that was.
    /// </summary>
    internal void ForgetLimits()
    {
        if (_forgottenScan == ScanNumber)
        {
            return;
        }

        _forgottenScan = ScanNumber;
        foreach (var file in _files)
        {
            file.Forget();
        }

        ForgetNotes();
    }

    /// <summary>Notes that it is in use although this scan reads none of its files.</summary>
    internal void Touch() => LastScan = _hierarchy.Root.Scan;

    /// <summary>Closes its files. Swept from the tree it may hold no descriptor, since nobody would close it.</summary>
    internal void Detach()
    {
        _isDetached = true;
        foreach (var file in _files)
        {
            file.Release();
        }
    }

    private void ForgetNotes()
    {
        ForgetOwnNotes();
        foreach (var (_, child) in _children)
        {
            child.ForgetNotes();
        }
    }

    private void ForgetOwnNotes()
    {
        foreach (var notes in _notes)
        {
            notes.Forget();
        }
    }

    private DateTimeOffset EndOf(TimeSpan period)
    {
        var now = _hierarchy.Root.Now;
        var passed = (now.UtcTicks + (period * _phase).Ticks) % period.Ticks;
        return now + period - TimeSpan.FromTicks(passed);
    }

    private HeldCgroupFile FileOf(CgroupFile file)
    {
        foreach (var held in _files)
        {
            if (ReferenceEquals(held.File, file))
            {
                return held;
            }
        }

        Array.Resize(ref _files, _files.Length + 1);
        return _files[^1] = new HeldCgroupFile(file, _hierarchy.Root);
    }

    private static PodCgroup? PodOf(ReadOnlySpan<byte> path)
    {
        var pods = PodCgroupPath.Read(path);
        return pods.Inner ?? pods.Outer;
    }

    private ConstraintScope ScopeOf(ReadOnlySpan<byte> name)
    {
        if (Pod is null)
        {
            return ConstraintScope.Cgroup;
        }

        if (Parent?.Pod != Pod)
        {
            return Pod.ContainerId is null ? ConstraintScope.Pod : ConstraintScope.Container;
        }

        // CRI-O with crun puts all processes of a container into a cgroup of this name below its own.
        return Parent.Scope == ConstraintScope.Container && name.SequenceEqual("container"u8)
            ? ConstraintScope.Container
            : ConstraintScope.Cgroup;
    }
}
