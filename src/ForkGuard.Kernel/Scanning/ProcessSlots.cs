using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>What is remembered of one process between two scans.</summary>
internal struct ProcessSlot
{
    internal int Pid;

    /// <summary>statm, held open: it answers ESRCH once the process is dead, also when the pid is used again. -1: not held.</summary>
    internal int StatmDescriptor;

    /// <summary>total_vm at the last scan, in pages.</summary>
    internal ulong Pages;

    /// <summary>Gone for a process that ended since it was listed; anything else but Ok hides its size.</summary>
    internal ReadStatus Status;

    internal KeptAnswer? Kept;
}

/// <summary>The processes of the last scan in ascending order, carried over to the next.</summary>
internal sealed class ProcessSlots(ProcRoot proc, int mostHeld) : IDisposable
{
    private ProcessSlot[] _current = new ProcessSlot[1024];
    private ProcessSlot[] _previous = new ProcessSlot[1024];
    private int _held;

    internal int Count { get; private set; }

    internal Span<ProcessSlot> Current => _current.AsSpan(0, Count);

    /// <summary>The sizes are of the processes as they were listed last.</summary>
    internal bool AreSizesRead { get; private set; }

    /// <summary>Takes over what is known of the pids that are listed again, and lets go of the others.</summary>
    internal void Renew(ReadOnlySpan<int> pids)
    {
        // First: where memory runs out, what is known of the last scan stays as it is.
        if (_previous.Length < pids.Length)
        {
            _previous = new ProcessSlot[pids.Length * 2];
        }

        (_current, _previous) = (_previous, _current);
        var previousCount = Count;
        var old = 0;
        for (var i = 0; i < pids.Length; i++)
        {
            while (old < previousCount && _previous[old].Pid < pids[i])
            {
                Release(ref _previous[old++]);
            }

            _current[i] =
                old < previousCount && _previous[old].Pid == pids[i]
                    ? _previous[old++]
                    : new ProcessSlot { Pid = pids[i], StatmDescriptor = -1 };
        }

        while (old < previousCount)
        {
            Release(ref _previous[old++]);
        }

        Count = pids.Length;
        AreSizesRead = false;
    }

    /// <summary>Reads the size of each process; 0 for one that has ended.</summary>
    internal void ReadSizes()
    {
        AreSizesRead = true;
        foreach (ref var slot in Current)
        {
            slot.Status = ReadSize(ref slot);
            if (slot.Status != ReadStatus.Ok)
            {
                slot.Pages = 0;
            }
        }
    }

    /// <summary>Forgets a process: another one may have its pid.</summary>
    private void Release(ref ProcessSlot slot)
    {
        if (slot.StatmDescriptor >= 0)
        {
            Libc.Close(slot.StatmDescriptor);
            _held--;
        }

        slot = new ProcessSlot { Pid = slot.Pid, StatmDescriptor = -1 };
    }

    public void Dispose()
    {
        foreach (ref var slot in Current)
        {
            Release(ref slot);
        }
    }

    private ReadStatus ReadSize(ref ProcessSlot slot)
    {
        Span<byte> buffer = stackalloc byte[256];
        if (slot.StatmDescriptor >= 0)
        {
            var held = Libc.ReadAt(slot.StatmDescriptor, buffer, 0);
            if (held > 0)
            {
                return Parse(buffer[..held], ref slot);
            }

            Release(ref slot);
        }

        var fd = proc.Open(slot.Pid, "statm"u8);
        if (fd < 0)
        {
            return ProcRoot.StatusOf(-fd);
        }

        var n = Libc.ReadAt(fd, buffer, 0);
        if (n > 0 && _held < mostHeld)
        {
            slot.StatmDescriptor = fd;
            _held++;
        }
        else
        {
            // Without the descriptor nothing tells a reused pid from the process that was judged.
            slot.Kept = null;
            Libc.Close(fd);
        }

        return n < 0 ? ProcRoot.StatusOf(-n) : Parse(buffer[..n], ref slot);
    }

    private static ReadStatus Parse(ReadOnlySpan<byte> text, ref ProcessSlot slot) =>
        Statm.TryParseSize(text, out slot.Pages) ? ReadStatus.Ok : ReadStatus.Malformed;
}
