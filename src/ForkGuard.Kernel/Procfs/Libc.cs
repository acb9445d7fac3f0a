using System.Runtime.InteropServices;

namespace ForkGuard.Kernel.Procfs;

/// <summary>The system calls of the scanner: file descriptors as numbers, so that nothing is allocated.</summary>
internal static unsafe partial class Libc
{
    internal const int ENOENT = 2;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int EACCES = 13;
    internal const int EPERM = 1;
    internal const int ENOMEM = 12;
    internal const int ENODEV = 19;

    internal const int O_RDONLY = 0;
    internal const int O_CLOEXEC = 0x80000;

    // __NR_kcmp of arch/x86/entry/syscalls/syscall_64.tbl, and of include/uapi/asm-generic/unistd.h for arm64.
    private const int KcmpX64 = 312;
    private const int KcmpGeneric = 272;

    // __NR_pread64 of the same files.
    private const int PreadX64 = 17;
    private const int PreadGeneric = 67;

    // __NR_statx of the same files.
    private const int StatxX64 = 332;
    private const int StatxGeneric = 291;

    private const int ScPageSize = 30;
    private const int ProtReadWrite = 3;
    private const int MapPrivateAnonymous = 0x22;
    private const int RlimitNofile = 7;
    private const int KcmpVm = 1;
    private const long ProcfsMagic = 0x9fa0;

    internal static int PageSize { get; } = (int)sysconf(ScPageSize);

    /// <summary>Opens a path that ends in a NUL byte. Returns a descriptor, or minus the errno.</summary>
    internal static int Open(ReadOnlySpan<byte> path, int flags = O_RDONLY)
    {
        fixed (byte* p = path)
        {
            int fd;
            do
            {
                fd = open(p, flags | O_CLOEXEC, 0);
            } while (fd < 0 && Marshal.GetLastPInvokeError() == EINTR);
            return fd < 0 ? -Marshal.GetLastPInvokeError() : fd;
        }
    }

    /// <summary>Reads from where the descriptor stands. Returns the bytes read, 0 at the end, or minus the errno.</summary>
    internal static int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            nint n;
            do
            {
                n = read(fd, p, (nuint)buffer.Length);
            } while (n < 0 && Marshal.GetLastPInvokeError() == EINTR);
            return n < 0 ? -Marshal.GetLastPInvokeError() : (int)n;
        }
    }

    /// <summary>Reads from an offset, which for most of /proc makes the kernel write the file again. Returns as <see cref="Read"/>.</summary>
    /// <remarks>
    /// By syscall(2), since pread of the C library is a cancellation point, and its errno only where it failed: both cost a few
    /// percent of the read of a small file.
    /// </remarks>
    internal static int ReadAt(int fd, Span<byte> buffer, long offset)
    {
        var number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? PreadX64 : PreadGeneric;
        fixed (byte* p = buffer)
        {
            nint n;
            int errno;
            do
            {
                n = pread64(number, fd, p, buffer.Length, (nint)offset);
                errno = n < 0 ? Marshal.GetLastSystemError() : 0;
            } while (errno == EINTR);
            return errno > 0 ? -errno : (int)n;
        }
    }

    internal static void Close(int fd) => _ = close(fd);

    /// <summary>Sets a directory's descriptor back to its first entry.</summary>
    internal static void Rewind(int fd) => _ = lseek(fd, 0, 0);

    /// <summary>Directory entries, as linux_dirent64 (getdents64(2)). Returns as <see cref="Read"/>.</summary>
    internal static int ReadDirectory(int fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            var n = getdents64(fd, p, (nuint)buffer.Length);
            return n < 0 ? -Marshal.GetLastPInvokeError() : (int)n;
        }
    }

    /// <summary>The target of a symbolic link. Returns its length, or minus the errno.</summary>
    internal static int ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        fixed (byte* p = path)
        fixed (byte* b = buffer)
        {
            var n = readlink(p, b, (nuint)buffer.Length);
            return n < 0 ? -Marshal.GetLastPInvokeError() : (int)n;
        }
    }

    /// <summary>Maps so many bytes, private, anonymous and writable, and unmaps them at once. Returns 0 or the errno.</summary>
    internal static int MapAndUnmap(ulong bytes)
    {
        var address = mmap(null, (nuint)bytes, ProtReadWrite, MapPrivateAnonymous, -1, 0);
        if ((nint)address == -1)
        {
            return Marshal.GetLastPInvokeError();
        }

        _ = munmap(address, (nuint)bytes);
        return 0;
    }

    /// <summary>kcmp(2), which glibc does not wrap. Returns its order, 0 for the same resource, or minus the errno.</summary>
    internal static int CompareResources(int pid, int other, int type)
    {
        var number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? KcmpX64 : KcmpGeneric;
        var order = syscall(number, pid, other, type, 0, 0);
        return order < 0 ? -Marshal.GetLastPInvokeError() : (int)order;
    }

    /// <summary>The file is on a procfs (fstatfs(2)). False for any other file system and on an error.</summary>
    internal static bool IsOnProcfs(int fd)
    {
        // struct statfs: f_type is the first word; the whole has at most 120 bytes.
        var buffer = stackalloc long[32];
        return fstatfs(fd, buffer) == 0 && buffer[0] == ProcfsMagic;
    }

    /// <summary>
    /// Uid that a path belongs to, which ends in a NUL byte, as the user namespace of this process shows it (statx(2), Linux 4.11).
    /// False on an error.
    /// </summary>
    internal static bool TryGetOwner(ReadOnlySpan<byte> path, out uint uid)
    {
        // struct statx: stx_mask, stx_blksize, stx_attributes of two words, stx_nlink and stx_uid; the whole has 256 bytes.
        const int owner = 5;
        const uint maskUid = 8;
        const int currentDirectory = -100;
        var number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatxX64 : StatxGeneric;
        var buffer = stackalloc uint[64];
        fixed (byte* p = path)
        {
            var isRead = syscall(number, currentDirectory, (nint)p, 0, (nint)maskUid, (nint)buffer) == 0;
            uid = buffer[owner];
            return isRead;
        }
    }

    /// <summary>Bytes of RAM as sysinfo(2) gives them: what MemTotal of /proc/meminfo is read from. 0 on an error.</summary>
    internal static ulong TotalRam()
    {
        // struct sysinfo: uptime, three loads, totalram, freeram, sharedram, bufferram, totalswap, freeswap as words, then
        // procs and a pad of two bytes each, totalhigh and freehigh as words, and mem_unit as an int.
        const int totalRam = 4;
        const int memoryUnit = 13;
        var buffer = stackalloc ulong[32];
        return sysinfo(buffer) == 0 ? buffer[totalRam] * (uint)buffer[memoryUnit] : 0;
    }

    /// <summary>False if no swap area is in use, not even one that is being emptied (sysinfo(2)).</summary>
    internal static bool HasSwap()
    {
        const int totalSwap = 8;
        var buffer = stackalloc ulong[32];
        return sysinfo(buffer) != 0 || buffer[totalSwap] > 0;
    }

    /// <summary>
    /// Reports whether two processes share their memory (kcmp(2), KCMP_VM). Null if the kernel does not answer: without CONFIG_KCMP,
    /// without the permission to trace both, or because one has ended.
    /// </summary>
    internal static bool? SharesMemory(int pid, int otherPid)
    {
        var number = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 312,
            Architecture.Arm64 => 272,
            _ => 0,
        };
        if (number == 0)
        {
            return null;
        }

        var answer = syscall(number, pid, otherPid, KcmpVm, 0, 0);
        return answer < 0 ? null : answer == 0;
    }

    /// <summary>The soft and the hard limit of open files of this process (getrlimit(2)). False on an error.</summary>
    internal static bool TryGetDescriptorLimit(out ulong soft, out ulong hard)
    {
        var limit = stackalloc ulong[2];
        var isRead = getrlimit(RlimitNofile, limit) == 0;
        (soft, hard) = (limit[0], limit[1]);
        return isRead;
    }

    /// <summary>Sets both limits of open files of this process (setrlimit(2)). False if the kernel refuses.</summary>
    internal static bool TrySetDescriptorLimit(ulong soft, ulong hard)
    {
        var limit = stackalloc ulong[] { soft, hard };
        return setrlimit(RlimitNofile, limit) == 0;
    }

    [LibraryImport("libc")]
    private static partial int fstatfs(int fd, void* buffer);

    [LibraryImport("libc")]
    private static partial int sysinfo(void* buffer);

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, ulong* limit);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, ulong* limit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint pid, nint otherPid, nint type, nint first, nint second);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint pread64(nint number, nint fd, byte* buffer, nint count, nint offset);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    [LibraryImport("libc")]
    private static partial long lseek(int fd, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint getdents64(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readlink(byte* path, byte* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial long sysconf(int name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc")]
    private static partial int munmap(void* address, nuint length);
}
