using System.Runtime.InteropServices;

namespace ForkGuard.Host.Records;

/// <summary>Makes the names in a directory last (fsync(2)).</summary>
internal static partial class DirectorySync
{
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;

    /// <exception cref="IOException">The names may be lost with the power.</exception>
    internal static void Flush(string directory)
    {
        var descriptor = open(directory, ReadOnly | CloseOnExec);
        var error = descriptor < 0 || fsync(descriptor) != 0 ? Marshal.GetLastPInvokeError() : 0;
        if (descriptor >= 0)
        {
            _ = close(descriptor);
        }

        if (error != 0)
        {
            throw new IOException($"{directory} cannot be synchronized: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
