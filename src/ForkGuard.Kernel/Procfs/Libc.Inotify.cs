using System.Runtime.InteropServices;

namespace ForkGuard.Kernel.Procfs;

/// <summary>System calls that report writes to files (inotify(7)).</summary>
internal static unsafe partial class Libc
{
    internal const uint IN_MODIFY = 0x2;
    internal const uint IN_Q_OVERFLOW = 0x4000;
    internal const uint IN_IGNORED = 0x8000;

    private const long CgroupMagic = 0x27e0eb;
    private const long Cgroup2Magic = 0x63677270;

    /// <summary>Returns a descriptor whose reads do not wait, or minus the errno.</summary>
    internal static int InotifyInit()
    {
        var fd = inotify_init1(O_NONBLOCK | O_CLOEXEC);
        return fd < 0 ? -Marshal.GetLastPInvokeError() : fd;
    }

    /// <summary>Adds a watch for writes to a path that ends in a NUL byte. Returns its number, or minus the errno.</summary>
    internal static int AddWatch(int inotify, ReadOnlySpan<byte> path)
    {
        fixed (byte* p = path)
        {
            var watch = inotify_add_watch(inotify, p, IN_MODIFY);
            return watch < 0 ? -Marshal.GetLastPInvokeError() : watch;
        }
    }

    internal static void RemoveWatch(int inotify, int watch) => _ = inotify_rm_watch(inotify, watch);

    /// <summary>The file is on a cgroup file system of v1 or v2 (fstatfs(2)). False for any other and on an error.</summary>
    internal static bool IsOnCgroupfs(int fd)
    {
        var buffer = stackalloc long[32];
        return fstatfs(fd, buffer) == 0 && buffer[0] is CgroupMagic or Cgroup2Magic;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_add_watch(int fd, byte* path, uint mask);

    [LibraryImport("libc")]
    private static partial int inotify_rm_watch(int fd, int watch);
}
