using System.Runtime.InteropServices;
using System.Text;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>One cgroup of one hierarchy. Not for several threads at once.</summary>
/// <remarks>
/// A number is read at most once a scan, however many processes share the cgroup. A descriptor that is held answers ENODEV
/// once its cgroup is removed, also when another cgroup has the same path by then.
/// </remarks>
public sealed class Cgroup
{
    // kernfs limits a path to PATH_MAX.
    internal const int MaxPathBytes = 4096;

    private const int MaxFileNameBytes = 64;
    private const int MaxNumberBytes = 64;
    private const int ENODEV = 19;

    private readonly byte[] _directory;
    private readonly CgroupHierarchy _hierarchy;
    private readonly Dictionary<string, Cgroup> _children = new(StringComparer.Ordinal);
    private HeldFile[] _files = [];

    internal Cgroup(CgroupHierarchy hierarchy, Cgroup? parent, ReadOnlySpan<byte> name)
    {
        _hierarchy = hierarchy;
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

    /// <summary>The innermost pod whose cgroup this is or that contains it, with the container; null outside of pods.</summary>
    public PodCgroup? Pod { get; }

    /// <summary>Pod or Container only for the cgroup that holds all processes of one; Cgroup for every other.</summary>
    public ConstraintScope Scope { get; }

    /// <summary>cgroup v2 (cgroups(7)), whose files differ from those of v1.</summary>
    public bool IsUnified => _hierarchy.IsUnified;

    internal Dictionary<string, Cgroup> Children => _children;

    internal long LastScan { get; set; }

    /// <summary>Swept from the tree: it may hold no descriptor, since nobody would close it.</summary>
    internal bool IsDetached { get; private set; }

    /// <summary>Reads a file that holds one number, at most once a scan. Never throws; allocates only for a failure.</summary>
    public CgroupNumber Number(CgroupFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        LastScan = _hierarchy.Root.Scan;
        ref var held = ref Slot(file);
        if (held.Scan == LastScan)
        {
            return held.Number;
        }

        if (held.AbsentUntilScan > LastScan)
        {
            return new CgroupNumber { Status = CgroupReadStatus.Absent };
        }

        Span<byte> buffer = stackalloc byte[MaxNumberBytes];
        var status = ReadText(file, ref held, buffer, out var text, out var errno);
        held.Number = status switch
        {
            CgroupReadStatus.Ok => CgroupNumber.Parse(text, file.UnlimitedFrom),
            CgroupReadStatus.Failed => new CgroupNumber
            {
                Status = status,
                Problem = Marshal.GetPInvokeErrorMessage(errno),
            },
            _ => new CgroupNumber { Status = status },
        };
        held.Scan = LastScan;
        held.AbsentUntilScan = status == CgroupReadStatus.Absent ? LastScan + CgroupRoot.AbsentScans : 0;
        return held.Number;
    }

    /// <summary>
    /// Reads a file of several lines from its beginning, as far as the buffer goes, each time it is called.
    /// <paramref name="errno"/> is that of a failure, otherwise 0.
    /// </summary>
    internal CgroupReadStatus Read(CgroupFile file, Span<byte> buffer, out ReadOnlySpan<byte> text, out int errno)
    {
        LastScan = _hierarchy.Root.Scan;
        return ReadText(file, ref Slot(file), buffer, out text, out errno);
    }

    internal void Detach()
    {
        IsDetached = true;
        for (var i = 0; i < _files.Length; i++)
        {
            Release(ref _files[i]);
        }
    }

    private CgroupReadStatus ReadText(
        CgroupFile file,
        ref HeldFile held,
        Span<byte> buffer,
        out ReadOnlySpan<byte> text,
        out int errno
    )
    {
        if (held.Descriptor >= 0)
        {
            var n = ReadAll(held.Descriptor, buffer);
            text = buffer[..Math.Max(n, 0)];
            errno = n < 0 ? -n : 0;
            if (n >= 0)
            {
                return CgroupReadStatus.Ok;
            }

            Release(ref held);
            if (-n != ENODEV)
            {
                return CgroupReadStatus.Failed;
            }
        }

        text = default;
        errno = 0;
        Span<byte> path = stackalloc byte[MaxPathBytes + MaxFileNameBytes];
        var fd = Open(path, file.NameBytes);
        if (fd == -Libc.ENOENT)
        {
            fd = Open(path, default);
            if (fd >= 0)
            {
                Libc.Close(fd);
                return CgroupReadStatus.Absent;
            }

            errno = -fd;
            return errno is Libc.ENOENT or ENODEV ? CgroupReadStatus.Gone : CgroupReadStatus.Failed;
        }

        if (fd < 0)
        {
            errno = -fd;
            return errno == ENODEV ? CgroupReadStatus.Gone : CgroupReadStatus.Failed;
        }

        var length = ReadAll(fd, buffer);
        text = buffer[..Math.Max(length, 0)];
        if (length >= 0 && !IsDetached && _hierarchy.Root.TryHold())
        {
            held.Descriptor = fd;
        }
        else
        {
            Libc.Close(fd);
        }

        errno = length < 0 ? -length : 0;
        return length >= 0 ? CgroupReadStatus.Ok
            : errno == ENODEV ? CgroupReadStatus.Gone
            : CgroupReadStatus.Failed;
    }

    // From offset 0 the kernel writes the file again, and one read returns all of it, unless it has several records.
    private static int ReadAll(int fd, Span<byte> buffer)
    {
        var length = 0;
        int n;
        while (length < buffer.Length && (n = Libc.ReadAt(fd, buffer[length..], length)) != 0)
        {
            if (n < 0)
            {
                return n;
            }

            length += n;
            if (buffer.Length <= MaxNumberBytes)
            {
                break;
            }
        }

        return length;
    }

    private int Open(Span<byte> path, ReadOnlySpan<byte> name)
    {
        _directory.CopyTo(path);
        var at = _directory.Length;
        path[at++] = (byte)'/';
        name.CopyTo(path[at..]);
        path[at + name.Length] = 0;
        return Libc.Open(path);
    }

    private ref HeldFile Slot(CgroupFile file)
    {
        for (var i = 0; i < _files.Length; i++)
        {
            if (ReferenceEquals(_files[i].File, file))
            {
                return ref _files[i];
            }
        }

        Array.Resize(ref _files, _files.Length + 1);
        _files[^1] = new HeldFile
        {
            File = file,
            Descriptor = -1,
            Scan = -1,
        };
        return ref _files[^1];
    }

    private void Release(ref HeldFile held)
    {
        if (held.Descriptor >= 0)
        {
            Libc.Close(held.Descriptor);
            held.Descriptor = -1;
            _hierarchy.Root.Unhold();
        }
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

    private struct HeldFile
    {
        internal CgroupFile File;
        internal int Descriptor;
        internal long Scan;
        internal long AbsentUntilScan;
        internal CgroupNumber Number;
    }
}
