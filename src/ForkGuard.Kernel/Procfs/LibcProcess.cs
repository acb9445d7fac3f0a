using System.Runtime.InteropServices;

namespace ForkGuard.Kernel.Procfs;

/// <summary>System calls for facts of a process that no file of /proc shows.</summary>
internal static unsafe partial class Libc
{
    private const int SchedResetOnFork = 0x40000000;
    private const nuint NsGetParent = 0xb702;
    private const nuint NsGetOwnerUid = 0xb704;

    /// <summary>
    /// Children of the thread get the default policy (SCHED_RESET_ON_FORK, which sched_getscheduler(2) adds to the policy). Null
    /// for a thread that has gone.
    /// </summary>
    internal static bool? ResetsOnFork(int thread) =>
        sched_getscheduler(thread) is var policy and >= 0 ? (policy & SchedResetOnFork) != 0 : null;

    /// <summary>
    /// Uid that created a user namespace (ioctl_ns(2)), as this process's namespace shows it. False on an error.
    /// </summary>
    internal static bool TryGetNamespaceOwner(int fd, out uint uid)
    {
        uint owner = 0;
        var isRead = ioctl(fd, NsGetOwnerUid, &owner) == 0;
        uid = owner;
        return isRead;
    }

    /// <summary>
    /// Descriptor of a user namespace's parent (ioctl_ns(2)); negative on an error, or if the reader may not see it.
    /// </summary>
    internal static int OpenParentNamespace(int fd) => ioctl(fd, NsGetParent, null);

    /// <summary>Time since boot, with the time that the machine was suspended (CLOCK_BOOTTIME of clock_gettime(2)); null on an error.</summary>
    internal static TimeSpan? TimeSinceBoot()
    {
        const int bootTime = 7;
        // struct timespec: seconds and nanoseconds, each of them a long.
        var time = stackalloc nint[2];
        return clock_gettime(bootTime, time) == 0
            ? TimeSpan.FromSeconds((long)time[0]) + TimeSpan.FromMicroseconds((long)time[1] / 1000)
            : null;
    }

    /// <summary>
    /// Takes pages out of the page tables (MADV_DONTNEED): the next use reads them from their file. An error changes nothing.
    /// </summary>
    internal static void DropPages(ulong start, ulong bytes)
    {
        const int dontNeed = 4;
        _ = madvise((void*)start, (nuint)bytes, dontNeed);
    }

    [LibraryImport("libc")]
    private static partial int madvise(void* start, nuint length, int advice);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, nint* time);

    [LibraryImport("libc")]
    private static partial int sched_getscheduler(int pid);

    [LibraryImport("libc")]
    private static partial int ioctl(int fd, nuint request, void* argument);
}
