using System.Runtime.InteropServices;

namespace ForkGuard.Kernel.Procfs;

/// <summary>System calls for the kernel's log.</summary>
internal static unsafe partial class Libc
{
    internal const int EAGAIN = 11;
    internal const int EPIPE = 32;
    internal const int O_NONBLOCK = 0x800;

    private const int SeekEnd = 2;

    // syslog(2).
    private const int SyslogReadAll = 3;
    private const int SyslogSizeBuffer = 10;

    /// <summary>Moves a descriptor behind the last byte or record.</summary>
    internal static void SeekToEnd(int fd) => _ = lseek(fd, 0, SeekEnd);

    /// <summary>Bytes of the kernel's log buffer, or minus the errno (syslog(2), SYSLOG_ACTION_SIZE_BUFFER).</summary>
    internal static int KernelLogSize() => Klogctl(SyslogSizeBuffer, default);

    /// <summary>The last bytes of the log as far as the buffer goes. Returns how many, or minus the errno.</summary>
    internal static int ReadKernelLog(Span<byte> buffer) => Klogctl(SyslogReadAll, buffer);

    private static int Klogctl(int action, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            var n = klogctl(action, p, buffer.Length);
            return n < 0 ? -Marshal.GetLastPInvokeError() : n;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int klogctl(int action, byte* buffer, int length);
}
