namespace ForkGuard.Kernel.Procfs;

/// <summary>
/// Lines of an open file, one after the other, in a buffer of the caller's. Stopping early is free: what was not asked
/// for is not read. The caller closes the descriptor.
/// </summary>
internal ref struct LineReader(int fd, Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <summary>Ok at a proper end; Malformed when the file ends within a line or a line exceeds the buffer.</summary>
    internal ReadStatus Status { get; private set; } = ReadStatus.Ok;

    /// <summary>The next line without its end. False at the end of the file and on an error: see <see cref="Status"/>.</summary>
    internal bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var unread = _buffer[_start.._end];
            var newline = unread.IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = unread[..newline];
                _start += newline + 1;
                return true;
            }

            if (_atEnd || !Fill())
            {
                line = default;
                if (Status == ReadStatus.Ok && _start != _end)
                {
                    Status = ReadStatus.Malformed;
                }

                return false;
            }
        }
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer[_start.._end].CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Status = ReadStatus.Malformed;
            return false;
        }

        var n = Libc.Read(fd, _buffer[_end..]);
        if (n < 0)
        {
            Status = ProcRoot.StatusOf(-n);
            return false;
        }

        _atEnd = n == 0;
        _end += n;
        return n > 0;
    }
}
