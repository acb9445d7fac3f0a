using System.Runtime.InteropServices;

namespace ForkGuard.Host.Records;

/// <summary>Identity, type and owner of a file (statx(2)).</summary>
/// <param name="Device">The device of its file system.</param>
/// <param name="Inode">Its number there.</param>
/// <param name="Mode">Type and permissions.</param>
/// <param name="Owner">The uid of its owner.</param>
internal readonly partial record struct FileStatus(ulong Device, ulong Inode, int Mode, uint Owner)
{
    private const int Here = -100;
    private const int DoNotFollow = 0x100;
    private const int OfDescriptor = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int NoSuchFile = 2;
    private const int NotADirectory = 20;
    private const int TypeMask = 0xf000;
    private const int RegularFile = 0x8000;

    internal bool IsRegular => (Mode & TypeMask) == RegularFile;

    /// <summary>Files of other users than root and that of this process are not trusted.</summary>
    internal bool IsTrusted => Owner == 0 || Owner == geteuid();

    /// <summary>Reads the status of a file, or of a symbolic link itself; null if there is none.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static FileStatus? Of(string path)
    {
        Span<byte> answer = stackalloc byte[256];
        if (statx(Here, path, DoNotFollow, BasicStats, ref MemoryMarshal.GetReference(answer)) == 0)
        {
            return Parse(answer);
        }

        var error = Marshal.GetLastPInvokeError();
        return error is NoSuchFile or NotADirectory ? null : throw Failed(path, error);
    }

    /// <summary>Reads the status of an open file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static FileStatus Of(FileStream file)
    {
        Span<byte> answer = stackalloc byte[256];
        var descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
        return statx(descriptor, "", OfDescriptor, BasicStats, ref MemoryMarshal.GetReference(answer)) == 0
            ? Parse(answer)
            : throw Failed(file.Name, Marshal.GetLastPInvokeError());
    }

    /// <summary>The same file, whatever became of its owner and permissions.</summary>
    internal bool IsSame(FileStatus other) => Device == other.Device && Inode == other.Inode;

    // struct statx of linux/stat.h, which is the same on all architectures.
    private static FileStatus Parse(ReadOnlySpan<byte> answer) =>
        new(
            ((ulong)Word(answer[136..]) << 32) | Word(answer[140..]),
            MemoryMarshal.Read<ulong>(answer[32..]),
            MemoryMarshal.Read<ushort>(answer[28..]),
            Word(answer[20..])
        );

    private static uint Word(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<uint>(bytes);

    private static IOException Failed(string path, int error) =>
        new($"{path} cannot be used: {Marshal.GetPInvokeErrorMessage(error)}");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, ref byte answer);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
