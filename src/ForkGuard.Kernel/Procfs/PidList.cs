using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ForkGuard.Kernel.Procfs;

/// <summary>The process ids of a /proc, in ascending order.</summary>
internal sealed class PidList : IDisposable
{
    // struct linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name.
    private const int LengthOffset = 16;
    private const int NameOffset = 19;

    private readonly string _path;
    private readonly int _fd;
    private readonly byte[] _buffer;
    private int[] _pids = new int[64];
    private int _count;

    /// <exception cref="IOException">The directory cannot be opened.</exception>
    internal PidList(ProcRoot proc)
        : this(proc.Path, proc.Open(""u8), bufferBytes: 32 * 1024) { }

    private PidList(string path, int fd, int bufferBytes)
    {
        _buffer = new byte[bufferBytes];
        _path = path;
        _fd = fd;
        if (_fd < 0)
        {
            throw new IOException($"{_path} cannot be opened: {Marshal.GetPInvokeErrorMessage(-_fd)}");
        }
    }

    /// <summary>The threads of a process.</summary>
    /// <exception cref="IOException">The process has ended, or its threads cannot be listed.</exception>
    internal static PidList OfThreads(ProcRoot proc, int pid) =>
        new($"{proc.Path}/{pid}/task", proc.Open(pid, "task"u8), bufferBytes: 4 * 1024);

    /// <summary>Lists them again. The span is valid until the next call.</summary>
    /// <exception cref="IOException">The kernel does not list the directory: an empty list would be an empty machine.</exception>
    internal ReadOnlySpan<int> Read()
    {
        Libc.Rewind(_fd);
        _count = 0;
        var isSorted = true;
        int n;
        while ((n = Libc.ReadDirectory(_fd, _buffer)) > 0)
        {
            for (var at = 0; at + NameOffset < n; )
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(at + LengthOffset));
                var name = _buffer.AsSpan(at + NameOffset, length - NameOffset);
                at += length;
                if (TryParsePid(name, out var pid))
                {
                    isSorted &= _count == 0 || _pids[_count - 1] < pid;
                    Add(pid);
                }
            }
        }

        if (n < 0)
        {
            throw new IOException($"{_path} cannot be listed: {Marshal.GetPInvokeErrorMessage(-n)}");
        }

        var pids = _pids.AsSpan(0, _count);
        if (!isSorted)
        {
            pids.Sort();
        }

        return pids;
    }

    public void Dispose() => Libc.Close(_fd);

    private void Add(int pid)
    {
        if (_count == _pids.Length)
        {
            Array.Resize(ref _pids, _count * 2);
        }

        _pids[_count++] = pid;
    }

    private static bool TryParsePid(ReadOnlySpan<byte> name, out int pid)
    {
        pid = 0;
        var rest = name;
        if (
            !Ascii.TryTakeNumber(ref rest, out var value)
            || value is 0 or > int.MaxValue
            || rest.IsEmpty
            || rest[0] != 0
        )
        {
            return false;
        }

        pid = (int)value;
        return true;
    }
}
