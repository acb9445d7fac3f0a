using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Pid namespaces below the reader's whose init lives, found among the processes of the reader's namespace.
/// </summary>
internal sealed class LivingNamespaces(ProcRoot proc)
{
    private readonly Dictionary<ulong, int> _inits = [];
    private readonly HashSet<ulong> _confirmed = [];
    private readonly HashSet<ulong> _olderThanList = [];
    private HashSet<ulong> _asked = [];
    private HashSet<ulong> _askedBefore = [];
    private byte[] _buffer = new byte[8192];
    private bool _isRead;

    /// <summary>The namespace of some process that may be an init could not be read.</summary>
    internal bool HidesSome { get; private set; }

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

        if (!_isRead && _inits.TryGetValue(pidNamespace, out var init) && FindNested(init) == pidNamespace)
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
        HidesSome = false;
        _inits.Clear();
        using var pids = new PidList(proc);
        foreach (var pid in pids.Read())
        {
            if (FindNested(pid) is { } inode)
            {
                _inits[inode] = pid;
                _confirmed.Add(inode);
            }
        }
    }

    /// <summary>The namespace whose living init the process is; null if it is none, or that cannot be read.</summary>
    private ulong? FindNested(int pid)
    {
        if (
            StatusFile.Read(proc, pid, ref _buffer, out var status) != ReadStatus.Ok
            || !status.IsInitOfNestedNamespace
            || status.HasEnded
        )
        {
            return null;
        }

        var read = ProcessLinks.ReadNamespace(proc, pid, "ns/pid"u8, out var inode);
        HidesSome |= read is not (ReadStatus.Ok or ReadStatus.Gone);
        return read == ReadStatus.Ok ? inode : null;
    }
}
