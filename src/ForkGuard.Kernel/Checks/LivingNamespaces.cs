using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Pid namespaces below the reader's whose init lives, found among the processes of the reader's namespace.
/// </summary>
/// <remarks>
/// An init that ends waits in state S for the members of its namespace (kernel/pid_namespace.c <c>zap_pid_ns_processes</c>). It waits
/// as long as a tracer or a parent outside does not reap one. PIDNS_ADDING is cleared before, so that <c>alloc_pid</c> refuses.
/// </remarks>
internal sealed class LivingNamespaces(ProcRoot proc)
{
    private readonly Dictionary<ulong, int> _inits = [];
    private readonly HashSet<ulong> _confirmed = [];
    private readonly HashSet<ulong> _ending = [];
    private readonly HashSet<ulong> _ended = [];
    private readonly HashSet<ulong> _olderThanList = [];
    private HashSet<ulong> _asked = [];
    private HashSet<ulong> _askedBefore = [];
    private byte[] _buffer = new byte[8192];
    private bool _isRead;

    private enum InitState
    {
        None,
        Lives,
        Ends,
        HasEnded,
    }

    /// <summary>The namespace of some process that may be an init could not be read.</summary>
    internal bool HidesSome { get; private set; }

    /// <summary>Its init has begun to end: the kernel may still grant pids, or refuse them by now.</summary>
    internal bool IsEnding(ulong pidNamespace) => _ending.Contains(pidNamespace);

    /// <summary>Its init was found, and grants no pid any more.</summary>
    internal bool HasEnded(ulong pidNamespace) => _ended.Contains(pidNamespace);

    /// <summary>
    /// The init of an earlier scan is looked at first. Only if it does not live any more are all processes read, at most once a
    /// scan. A namespace that may be younger than that list counts as one with an init until the next scan.
    /// </summary>
    internal bool HasInit(ulong pidNamespace)
    {
        if (_confirmed.Contains(pidNamespace))
        {
            return true;
        }

        if (
            !_isRead
            && _inits.TryGetValue(pidNamespace, out var init)
            && FindInit(init, out var inode) == InitState.Lives
            && inode == pidNamespace
        )
        {
            _confirmed.Add(pidNamespace);
            return true;
        }

        if (!_isRead || _askedBefore.Contains(pidNamespace))
        {
            _olderThanList.Add(pidNamespace);
        }

        _asked.Add(pidNamespace);
        ReadAll();
        return _confirmed.Contains(pidNamespace) || !_olderThanList.Contains(pidNamespace);
    }

    internal void Forget()
    {
        _isRead = false;
        _confirmed.Clear();
        _ending.Clear();
        _ended.Clear();
        _olderThanList.Clear();
        (_asked, _askedBefore) = (_askedBefore, _asked);
        _asked.Clear();
    }

    private void ReadAll()
    {
        if (_isRead)
        {
            return;
        }

        _isRead = true;
        HidesSome = proc.HidesProcesses;
        _inits.Clear();
        using var pids = new PidList(proc);
        foreach (var pid in pids.Read())
        {
            switch (FindInit(pid, out var inode))
            {
                case InitState.Lives:
                    _inits[inode] = pid;
                    _confirmed.Add(inode);
                    break;
                case InitState.Ends:
                    _ending.Add(inode);
                    break;
                case InitState.HasEnded:
                    _ended.Add(inode);
                    break;
            }
        }
    }

    /// <summary>State of the process as the init of a nested namespace; None if it is none, or that cannot be read.</summary>
    private InitState FindInit(int pid, out ulong inode)
    {
        inode = 0;
        var read = StatusFile.Read(proc, pid, ref _buffer, out var status);
        HidesSome |= read is not (ReadStatus.Ok or ReadStatus.Gone);
        if (read != ReadStatus.Ok || !status.IsInitOfNestedNamespace)
        {
            return InitState.None;
        }

        var state = StateOf(pid, status);
        var link = ProcessLinks.ReadNamespace(proc, pid, "ns/pid"u8, out inode);
        HidesSome |= state != InitState.HasEnded && link is not (ReadStatus.Ok or ReadStatus.Gone);
        return link == ReadStatus.Ok ? state : InitState.None;
    }

    private InitState StateOf(int pid, in StatusFile status)
    {
        if (status.HasEnded)
        {
            return InitState.HasEnded;
        }

        return
            status.Threads <= 1
            && proc.TryRead(pid, "stat"u8, _buffer, out var text) == ReadStatus.Ok
            && ProcessStat.TryParse(text, out var stat)
            && stat.IsExiting
            ? WaitsForMembers(pid)
                ? InitState.HasEnded
                : InitState.Ends
            : InitState.Lives;
    }

    // Nothing else in an exit waits for children. The file holds 0 for a reader that may not trace the process.
    private bool WaitsForMembers(int pid)
    {
        Span<byte> buffer = stackalloc byte[64];
        return proc.TryRead(pid, "wchan"u8, buffer, out var function) == ReadStatus.Ok
            && (
                function.SequenceEqual("zap_pid_ns_processes"u8)
                || function.SequenceEqual("do_wait"u8)
                || function.SequenceEqual("kernel_wait4"u8)
            );
    }
}
