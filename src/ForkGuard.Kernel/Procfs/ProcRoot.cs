using System.Buffers.Text;
using System.Text;

namespace ForkGuard.Kernel.Procfs;

/// <summary>A /proc, or a captured tree of the same shape. Opens and reads without allocating.</summary>
public sealed class ProcRoot
{
    /// <summary>Room for the root, a pid and the longest name below it.</summary>
    private const int PathBytes = 512;

    // Up to 65 536 groups of ten digits and a space stand in status (NGROUPS_MAX, include/uapi/linux/limits.h), and a path of
    // 4 KiB for each hierarchy of cgroup v1 in cgroup.
    private const int MaxProcessFileBytes = 1 << 20;

    /// <summary>Bytes that the path of a root may have.</summary>
    public const int LongestPath = 400;

    private readonly byte[] _root;

    /// <exception cref="ArgumentException">The path is longer than 400 bytes.</exception>
    public ProcRoot(string path = "/proc")
    {
        Path = path;
        _root = Encoding.UTF8.GetBytes(path.TrimEnd('/'));
        if (_root.Length > LongestPath)
        {
            throw new ArgumentException("the path is longer than 400 bytes", nameof(path));
        }

        IsLive = Path == "/proc" || IsOnProcfs(""u8);
    }

    public string Path { get; }

    /// <summary>
    /// It is the kernel's own: the root is on a procfs, or is the place where every machine has it. False for a captured tree.
    /// </summary>
    public bool IsLive { get; }

    /// <summary>
    /// Its pids are those of this process's pid namespace, so that system calls take them: its link <c>self</c> is this
    /// process.
    /// </summary>
    internal bool HasOwnPids => OwnPid == Environment.ProcessId;

    /// <summary>
    /// Pid that this process has here, by the link <c>self</c>: another one than its own where this is the /proc of an outer pid
    /// namespace. 0 where it is not shown, and for a captured tree.
    /// </summary>
    public int OwnPid
    {
        get
        {
            Span<byte> buffer = stackalloc byte[32];
            return
                IsLive
                && TryReadLink("self"u8, buffer, out var target) == ReadStatus.Ok
                && Utf8Parser.TryParse(target, out int self, out var used)
                && used == target.Length
                ? self
                : 0;
        }
    }

    /// <summary>
    /// It is mounted with hidepid=invisible or ptraceable, and this process may not see those of others: pid 1, which lives as
    /// long as its pid namespace, is not there.
    /// </summary>
    public bool HidesProcesses
    {
        get
        {
            var descriptor = IsLive ? Open(1, ""u8) : 0;
            if (descriptor > 0)
            {
                Libc.Close(descriptor);
            }

            return descriptor == -Libc.ENOENT;
        }
    }

    /// <summary>
    /// Uid of root of the initial user namespace as that of this process shows it, which is the overflow uid where it has none there:
    /// the kernel's files belong to it (fs/proc/inode.c <c>proc_get_inode</c>). 0 for a captured tree.
    /// </summary>
    internal uint RootUid
    {
        get
        {
            Span<byte> path = stackalloc byte[PathBytes];
            Compose(path, pid: -1, thread: 0, ""u8);
            return IsLive && Libc.TryGetOwner(path, out var uid) ? uid : 0;
        }
    }

    /// <summary>The bytes of a page on this machine; a captured tree is read with the same.</summary>
    public static int PageSize => Libc.PageSize;

    /// <summary>Opens a file below the root, such as <c>meminfo</c>. Returns a descriptor, or minus the errno.</summary>
    internal int Open(ReadOnlySpan<byte> name)
    {
        Span<byte> path = stackalloc byte[PathBytes];
        Compose(path, pid: -1, thread: 0, name);
        return Libc.Open(path);
    }

    /// <summary>
    /// Opens a file of a process, such as <c>statm</c>, or the one that one of its threads has of it. Returns a descriptor,
    /// or minus the errno.
    /// </summary>
    internal int Open(int pid, ReadOnlySpan<byte> name, int thread = 0)
    {
        Span<byte> path = stackalloc byte[PathBytes];
        Compose(path, pid, thread, name);
        return Libc.Open(path);
    }

    /// <summary>Reads a file below the root from its beginning, as far as the buffer goes.</summary>
    internal ReadStatus TryRead(ReadOnlySpan<byte> name, Span<byte> buffer, out ReadOnlySpan<byte> content) =>
        ReadWhole(Open(name), buffer, out content);

    /// <summary>Reads a file of a process from its beginning, as far as the buffer goes.</summary>
    internal ReadStatus TryRead(
        int pid,
        ReadOnlySpan<byte> name,
        Span<byte> buffer,
        out ReadOnlySpan<byte> content,
        int thread = 0
    ) => ReadWhole(Open(pid, name, thread), buffer, out content);

    /// <summary>
    /// Reads all of a file of a process: where it does not fit into the buffer, into another one of 1 MiB, which it allocates.
    /// </summary>
    internal ReadStatus TryReadAll(
        int pid,
        ReadOnlySpan<byte> name,
        Span<byte> buffer,
        out ReadOnlySpan<byte> content,
        int thread = 0
    )
    {
        var status = TryRead(pid, name, buffer, out content, thread);
        return status == ReadStatus.Ok && content.Length == buffer.Length
            ? TryRead(pid, name, new byte[MaxProcessFileBytes], out content, thread)
            : status;
    }

    /// <summary>
    /// As <see cref="TryRead(ReadOnlySpan{byte}, Span{byte}, out ReadOnlySpan{byte})"/>, of a live /proc only if the file is on a
    /// procfs (fstatfs(2)): in a container lxcfs may mount another file over it. <paramref name="isForeign"/> is true there.
    /// </summary>
    internal ReadStatus TryReadTrusted(
        ReadOnlySpan<byte> name,
        Span<byte> buffer,
        out ReadOnlySpan<byte> content,
        out bool isForeign
    )
    {
        var fd = Open(name);
        isForeign = IsLive && fd >= 0 && !Libc.IsOnProcfs(fd);
        if (!isForeign)
        {
            return ReadWhole(fd, buffer, out content);
        }

        Libc.Close(fd);
        content = default;
        return ReadStatus.Failed;
    }

    /// <summary>The file below the root is on a procfs; false too where it does not exist.</summary>
    internal bool IsOnProcfs(ReadOnlySpan<byte> name)
    {
        var fd = Open(name);
        if (fd < 0)
        {
            return false;
        }

        var isOnProcfs = Libc.IsOnProcfs(fd);
        Libc.Close(fd);
        return isOnProcfs;
    }

    /// <summary>Reads a link below the root, such as <c>self/ns/pid</c>.</summary>
    internal ReadStatus TryReadLink(ReadOnlySpan<byte> name, Span<byte> buffer, out ReadOnlySpan<byte> target) =>
        TryReadLink(pid: -1, name, buffer, out target);

    internal ReadStatus TryReadLink(
        int pid,
        ReadOnlySpan<byte> name,
        Span<byte> buffer,
        out ReadOnlySpan<byte> target,
        int thread = 0
    )
    {
        Span<byte> path = stackalloc byte[PathBytes];
        Compose(path, pid, thread, name);
        var n = Libc.ReadLink(path, buffer);
        target = n < 0 ? default : buffer[..n];
        return n < 0 ? StatusOf(-n) : ReadStatus.Ok;
    }

    internal static ReadStatus StatusOf(int errno) =>
        errno switch
        {
            0 => ReadStatus.Ok,
            Libc.ENOENT or Libc.ESRCH => ReadStatus.Gone,
            Libc.EACCES or Libc.EPERM => ReadStatus.Denied,
            _ => ReadStatus.Failed,
        };

    private static ReadStatus ReadWhole(int fd, Span<byte> buffer, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (fd < 0)
        {
            return StatusOf(-fd);
        }

        var length = 0;
        var n = 0;
        while (length < buffer.Length && (n = Libc.Read(fd, buffer[length..])) > 0)
        {
            length += n;
        }

        Libc.Close(fd);
        content = buffer[..length];
        return n < 0 ? StatusOf(-n) : ReadStatus.Ok;
    }

    private void Compose(Span<byte> path, int pid, int thread, ReadOnlySpan<byte> name)
    {
        _root.CopyTo(path);
        var at = _root.Length;
        path[at++] = (byte)'/';
        if (pid >= 0)
        {
            AddNumber(path, ref at, pid);
        }

        if (thread > 0)
        {
            "task/"u8.CopyTo(path[at..]);
            at += "task/".Length;
            AddNumber(path, ref at, thread);
        }

        name.CopyTo(path[at..]);
        path[at + name.Length] = 0;
    }

    private static void AddNumber(Span<byte> path, ref int at, int number)
    {
        _ = Utf8Formatter.TryFormat(number, path[at..], out var written);
        at += written;
        path[at++] = (byte)'/';
    }
}
