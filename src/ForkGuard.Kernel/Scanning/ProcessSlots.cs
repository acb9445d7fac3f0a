using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>State of one process between two scans.</summary>
internal struct ProcessSlot
{
    internal int Pid;

    /// <summary>A living thread where the main thread has exited; 0 otherwise.</summary>
    internal int Thread;

    /// <summary>statm, held open: it answers ESRCH once the process is dead, also when the pid is used again. -1: not held.</summary>
    internal int StatmDescriptor;

    /// <summary>The size at the last scan; 0 if there is no address space.</summary>
    internal ProcessSize Size;

    /// <summary>Gone for a process that ended since it was listed; anything else but Ok hides its size.</summary>
    internal ReadStatus Status;

    /// <summary>It has neither an address space nor another thread that has one: a kernel thread or a zombie.</summary>
    internal bool HasNoMemory;

    internal MappingCache? Mappings;

    /// <summary>The caller's own, dropped with the process.</summary>
    internal object? Facts;

    internal readonly ProcessTarget Target => new(Pid, Thread);
}

/// <summary>The processes of the last scan in ascending order, carried over to the next.</summary>
internal sealed class ProcessSlots(ProcRoot proc, int maxHeld) : IDisposable
{
    private ProcessSlot[] _current = new ProcessSlot[1024];
    private ProcessSlot[] _previous = new ProcessSlot[1024];
    private int _held;

    internal int Count { get; private set; }

    internal Span<ProcessSlot> Current => _current.AsSpan(0, Count);

    /// <summary>Takes over what is known of the pids that are listed again, and lets go of the others.</summary>
    internal void Renew(ReadOnlySpan<int> pids)
    {
        if (AreCurrent(pids))
        {
            return;
        }

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
    }

    /// <summary>Reads the size of each process; 0 for one that has ended. Returns how many could not be read.</summary>
    internal int ReadSizes()
    {
        Span<byte> buffer = stackalloc byte[256];
        var unreadable = 0;
        foreach (ref var slot in Current)
        {
            slot.Status = ReadSize(ref slot, buffer);
            if (slot.Status != ReadStatus.Ok)
            {
                slot.Size = default;
                unreadable += slot.Status == ReadStatus.Gone ? 0 : 1;
            }
        }

        return unreadable;
    }

    /// <summary>The slot of a process of the last scan; -1 if it was not there.</summary>
    internal int IndexOf(int pid)
    {
        var (from, to) = (0, Count - 1);
        while (from <= to)
        {
            var middle = (from + to) >>> 1;
            if (_current[middle].Pid == pid)
            {
                return middle;
            }

            (from, to) = _current[middle].Pid < pid ? (middle + 1, to) : (from, middle - 1);
        }

        return -1;
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

    private bool AreCurrent(ReadOnlySpan<int> pids)
    {
        var at = 0;
        while (at < Count && at < pids.Length && _current[at].Pid == pids[at])
        {
            at++;
        }

        return at == Count && at == pids.Length;
    }

    private ReadStatus ReadSize(ref ProcessSlot slot, Span<byte> buffer)
    {
        if (slot.StatmDescriptor >= 0)
        {
            var held = Libc.ReadAt(slot.StatmDescriptor, buffer, 0);
            var status = held > 0 ? Parse(buffer[..held], ref slot) : ReadStatus.Gone;
            if (held > 0 && (status != ReadStatus.Ok || slot.Size.Total > 0))
            {
                return status;
            }

            // Of a dead process, or of one whose main thread has exited: looked at again from the beginning.
            Release(ref slot);
        }

        var fd = proc.Open(slot.Pid, "statm"u8);
        if (fd < 0)
        {
            return ProcRoot.StatusOf(-fd);
        }

        var n = Libc.ReadAt(fd, buffer, 0);
        var read = n < 0 ? ProcRoot.StatusOf(-n) : Parse(buffer[..n], ref slot);
        var hasSize = read == ReadStatus.Ok && slot.Size.Total > 0;
        if (hasSize && _held < maxHeld)
        {
            slot.StatmDescriptor = fd;
            _held++;
        }
        else
        {
            Libc.Close(fd);
        }

        if (hasSize)
        {
            slot.Thread = 0;
            slot.HasNoMemory = false;
        }
        else if (read == ReadStatus.Ok)
        {
            FindThread(ref slot);
        }

        if (slot.StatmDescriptor < 0)
        {
            // Without the descriptor a reused pid looks like the process that had it before.
            slot.Mappings = null;
            slot.Facts = null;
        }

        return read;
    }

    /// <summary>Kernel threads and zombies stay what they are, and are looked at once; there may be thousands.</summary>
    private void FindThread(ref ProcessSlot slot)
    {
        if (slot.HasNoMemory)
        {
            return;
        }

        if (slot.Thread != 0 && LivingThread.TryReadSize(proc, slot.Pid, slot.Thread, out slot.Size))
        {
            if (slot.Size.Total > 0)
            {
                return;
            }
        }

        slot.Thread = LivingThread.Find(proc, slot.Pid, out slot.Size);
        slot.HasNoMemory = slot.Thread == 0;
    }

    private static ReadStatus Parse(ReadOnlySpan<byte> text, ref ProcessSlot slot) =>
        Statm.TryParse(text, out slot.Size) ? ReadStatus.Ok : ReadStatus.Malformed;
}
