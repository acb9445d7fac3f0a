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

    internal KeptAnswer? Kept;
}

/// <summary>The processes of the last scan in ascending order, carried over to the next.</summary>
internal sealed class ProcessSlots : IDisposable
{
    private ProcessSlot[] _current = new ProcessSlot[1024];
    private ProcessSlot[] _previous = new ProcessSlot[1024];

    internal int Count { get; private set; }

    internal Span<ProcessSlot> Current => _current.AsSpan(0, Count);

    /// <summary>Descriptors that are held.</summary>
    internal int Held { get; set; }

    /// <summary>Takes over what is known of the pids that are listed again, and lets go of the others.</summary>
    internal void Renew(ReadOnlySpan<int> pids)
    {
        (_current, _previous) = (_previous, _current);
        var previousCount = Count;
        if (_current.Length < pids.Length)
        {
            _current = new ProcessSlot[pids.Length * 2];
        }

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

    /// <summary>Forgets a process: another one may have its pid.</summary>
    internal void Release(ref ProcessSlot slot)
    {
        if (slot.StatmDescriptor >= 0)
        {
            Libc.Close(slot.StatmDescriptor);
            Held--;
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
}
