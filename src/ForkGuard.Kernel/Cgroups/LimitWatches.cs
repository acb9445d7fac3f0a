using System.Buffers.Text;
using System.Runtime.InteropServices;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>
/// Watches limit files of cgroups for writes (inotify(7)), so that a limit that nobody wrote need not be read again. All mounts of
/// a hierarchy share their inodes, also those of other cgroup namespaces (kernel/cgroup/cgroup.c <c>cgroup_do_get_tree</c>): the
/// kernel reports a write through any of them, except one by io_submit(2) (fs/aio.c). Opens its descriptor for the first watch.
/// Not for several threads at once.
/// </summary>
internal sealed class LimitWatches(CgroupRoot root, ProcRoot proc, int? max) : IDisposable
{
    private const int MaxWatches = 2048;

    // Other programs of the user take theirs from the same limit (fs.inotify.max_user_watches).
    private const int ShareOfUser = 8;
    private const int EventBytes = 16;
    private const int MaxReads = 128;
    private const int BufferBytes = 4096;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(10);

    private readonly Dictionary<int, Cgroup> _cgroups = [];
    private readonly int _max = max ?? DefaultMax(proc);
    private DateTimeOffset _retryTime;
    private int _inotify = -1;

    /// <summary>Adds a watch for the file of a descriptor. Returns its number, or -1 if the file cannot be watched.</summary>
    internal int Add(int descriptor, Cgroup cgroup)
    {
        if (_cgroups.Count >= _max || root.Now < _retryTime || !Libc.IsOnCgroupfs(descriptor))
        {
            return -1;
        }

        if (_inotify < 0)
        {
            _inotify = Libc.InotifyInit();
        }

        var watch = _inotify < 0 ? _inotify : Libc.AddWatch(_inotify, PathOf(descriptor, stackalloc byte[32]));
        if (watch < 0)
        {
            // A limit of the user is reached, or the kernel has no inotify.
            _retryTime = root.Now + RetryAfter;
            return -1;
        }

        return _cgroups.TryAdd(watch, cgroup) ? watch : -1;
    }

    internal void Remove(int watch)
    {
        if (_cgroups.Remove(watch))
        {
            Libc.RemoveWatch(_inotify, watch);
        }
    }

    /// <summary>The kernel still reports writes to the file of this watch.</summary>
    internal bool Stands(int watch) => _cgroups.ContainsKey(watch);

    /// <summary>Ends what is kept of the cgroups whose limits were written since the last call.</summary>
    internal void Drain()
    {
        if (_inotify < 0)
        {
            return;
        }

        Span<byte> buffer = stackalloc byte[BufferBytes];
        for (var reads = 0; reads < MaxReads; reads++)
        {
            var n = Libc.Read(_inotify, buffer);
            if (n == -Libc.EAGAIN)
            {
                return;
            }

            if (n < EventBytes)
            {
                ForgetAll();
                Close();
                return;
            }

            Handle(buffer[..n]);
        }

        // Files are written faster than this reads.
        ForgetAll();
    }

    public void Dispose() => Close();

    // struct inotify_event: wd, mask, cookie and len, and a name only where a directory is watched.
    private void Handle(ReadOnlySpan<byte> events)
    {
        for (; events.Length >= EventBytes; events = events[EventBytes..])
        {
            var watch = MemoryMarshal.Read<int>(events);
            var mask = MemoryMarshal.Read<uint>(events[sizeof(int)..]);
            if ((mask & Libc.IN_Q_OVERFLOW) != 0)
            {
                ForgetAll();
            }
            else if (_cgroups.TryGetValue(watch, out var cgroup))
            {
                cgroup.ForgetLimits();
                if ((mask & Libc.IN_IGNORED) != 0)
                {
                    _cgroups.Remove(watch);
                }
            }
        }
    }

    private void ForgetAll()
    {
        foreach (var (_, cgroup) in _cgroups)
        {
            cgroup.ForgetLimits();
        }
    }

    private void Close()
    {
        _cgroups.Clear();
        if (_inotify >= 0)
        {
            Libc.Close(_inotify);
            _inotify = -1;
        }
    }

    // By the descriptor, since another cgroup may have the path by now.
    private static ReadOnlySpan<byte> PathOf(int descriptor, Span<byte> path)
    {
        var folder = "/proc/self/fd/"u8;
        folder.CopyTo(path);
        _ = Utf8Formatter.TryFormat(descriptor, path[folder.Length..], out var digits);
        path[folder.Length + digits] = 0;
        return path;
    }

    private static int DefaultMax(ProcRoot proc)
    {
        Span<byte> buffer = stackalloc byte[32];
        return
            proc.TryRead("sys/fs/inotify/max_user_watches"u8, buffer, out var text) == ReadStatus.Ok
            && Ascii.TryParseOnlyNumber(text, out var ofUser)
            ? (int)Math.Min(MaxWatches, ofUser / ShareOfUser)
            : 0;
    }
}
