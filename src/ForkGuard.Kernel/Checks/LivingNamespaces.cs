using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Pid namespaces below the reader's whose init lives, found among the processes that the reader sees.
/// </summary>
internal sealed class LivingNamespaces(ProcRoot proc)
{
    private readonly HashSet<ulong> _withInit = [];
    private bool _isRead;

    /// <summary>The namespace of some process that may be an init could not be read.</summary>
    internal bool HidesSome { get; private set; }

    internal bool HasInit(ulong pidNamespace) => _withInit.Contains(pidNamespace);

    internal void Forget() => _isRead = false;

    internal void EnsureRead()
    {
        if (_isRead)
        {
            return;
        }

        _isRead = true;
        HidesSome = false;
        _withInit.Clear();
        using var pids = new PidList(proc);
        var buffer = new byte[8192];
        foreach (var pid in pids.Read())
        {
            if (
                StatusFile.Read(proc, pid, ref buffer, out var status) != ReadStatus.Ok
                || !status.IsInitOfNestedNamespace
                || status.HasEnded
            )
            {
                continue;
            }

            var read = ProcessLinks.ReadNamespace(proc, pid, "ns/pid"u8, out var inode);
            if (read == ReadStatus.Ok)
            {
                _withInit.Add(inode);
            }
            else
            {
                HidesSome |= read != ReadStatus.Gone;
            }
        }
    }
}
