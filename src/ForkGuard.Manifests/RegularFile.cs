using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ForkGuard.Manifests;

/// <summary>Opens a file that may be anything: opening a FIFO to read waits for a writer, perhaps for ever (fifo(7)).</summary>
internal static partial class RegularFile
{
    internal const int NoSuchFile = 2;
    internal const int NotADirectory = 20;

    /// <summary>The path is a FIFO, a device, a socket or a directory.</summary>
    internal const int IsOfAnotherType = -1;

    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int EmptyPath = 0x1000;
    private const uint TypeMask = 1;

    // struct statx: stx_mode is at byte 28 on every architecture, and the whole has 256 bytes (statx(2)).
    private const int StatxBytes = 256;
    private const int ModeOffset = 28;
    private const int FormatMask = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>
    /// Opens a regular file to read. Null if there is none: <paramref name="error"/> is then the errno, or
    /// <see cref="IsOfAnotherType"/>.
    /// </summary>
    internal static SafeFileHandle? TryOpen(string path, out int error)
    {
        error = 0;
        var descriptor = Open(path, NonBlocking | CloseOnExec);
        if (descriptor < 0)
        {
            error = Marshal.GetLastPInvokeError();
            return null;
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Span<byte> buffer = stackalloc byte[StatxBytes];
        if (Statx(descriptor, "", EmptyPath, TypeMask, buffer) != 0)
        {
            error = Marshal.GetLastPInvokeError();
        }
        else if ((BinaryPrimitives.ReadUInt16LittleEndian(buffer[ModeOffset..]) & FormatMask) != Regular)
        {
            error = IsOfAnotherType;
        }

        if (error == 0)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int descriptor, string path, int flags, uint mask, Span<byte> result);
}
