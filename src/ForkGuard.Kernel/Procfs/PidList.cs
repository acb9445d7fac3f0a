using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ForkGuard.Kernel.Procfs;

/// <summary>The process ids of a /proc, in ascending order.</summary>
internal sealed class PidList : IDisposable
{
    // struct linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name.
    private const int LengthOffset = 16;
    private const int NameOffset = 19;

    private readonly int _fd;
    private readonly byte[] _buffer = new byte[32 * 1024];
    private int[] _pids = new int[1024];
    private int _count;

    /// <exception cref="IOException">The directory cannot be opened.</exception>
    internal PidList(ProcRoot proc)
    {
        _fd = proc.Open(""u8);
        if (_fd < 0)
        {
            throw new IOException($"{proc.Path} cannot be opened: {Marshal.GetPInvokeErrorMessage(-_fd)}");
        }
    }

    /// <summary>Lists anew. The span is good until the next call.</summary>
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
