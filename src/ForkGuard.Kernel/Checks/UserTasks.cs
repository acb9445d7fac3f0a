using System.Text;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Tasks of each real uid and user namespace, as the kernel counts them against RLIMIT_NPROC (kernel/ucount.c
/// <c>inc_rlimit_ucounts</c>): also against the creator of the namespace in its parent, and so on up. Before 5.14 a uid
/// has one count in all namespaces.
/// </summary>
/// <remarks>
/// Counted from /proc, so while tasks come and go the sum is of no single moment; threads count with the uid of their
/// process. It reads every process, and is asked for only where a limit could be near. Tasks that this /proc does not show,
/// as in a container with a pid namespace of its own, count all the same: <c>nr_threads</c> of the node bounds them.
/// </remarks>
internal sealed class UserTasks(ProcRoot proc, bool showsAllProcesses)
{
    private const int MaxDepth = 32;
    private static readonly TimeSpan RecentAge = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(ulong Namespace, uint Uid), ulong> _tasks = [];
    private readonly Dictionary<ulong, (ulong Parent, uint Owner)> _parents = [];
    private readonly Dictionary<uint, ulong> _withoutNamespace = [];
    private readonly Dictionary<uint, ulong> _ofUid = [];
    private bool _isRead;
    private DateTimeOffset? _readTime;
    private ulong _unknown;

    /// <summary>Reason for which not even a bound of the tasks is known; null if one is.</summary>
    internal string? Problem { get; private set; }

    /// <summary>Namespaces make no difference: before 5.14.</summary>
    internal bool IsShared { get; private set; }

    /// <summary>Tasks with the real uid, in whatever namespace.</summary>
    internal ulong OfUid(uint uid) => _unknown + _ofUid.GetValueOrDefault(uid);

    /// <summary>
    /// Tasks that may count for the uid: the reader may not know their namespace, or not even their uid, or not see them.
    /// </summary>
    internal ulong Unknown(uint uid) => _unknown + _withoutNamespace.GetValueOrDefault(uid);

    /// <summary>Tasks of a user; <see cref="ScanContext.Release"/> decides whether the namespace matters.</summary>
    internal ulong Of(ulong userNamespace, uint uid) => _tasks.GetValueOrDefault((IsShared ? 0 : userNamespace, uid));

    internal void Forget() => _isRead = false;

    internal void EnsureRecent(KernelRelease release, NodeTasks node, DateTimeOffset now)
    {
        if (_readTime is not { } read || now - read >= RecentAge)
        {
            EnsureRead(release, node, now);
        }
    }

    internal void EnsureRead(KernelRelease release, NodeTasks node, DateTimeOffset now)
    {
        if (_isRead)
        {
            return;
        }

        _isRead = true;
        _readTime = now;
        IsShared = release is { Major: < 5 } or { Major: 5, Minor: < 14 };
        _tasks.Clear();
        _parents.Clear();
        _withoutNamespace.Clear();
        _ofUid.Clear();
        ulong seen = 0;
        ulong unreadable = 0;
        using var pids = new PidList(proc);
        var buffer = new byte[8192];
        foreach (var pid in pids.Read())
        {
            var read = StatusFile.Read(proc, pid, ref buffer, out var status);
            if (read == ReadStatus.Gone)
            {
                continue;
            }

            if (read != ReadStatus.Ok)
            {
                unreadable++;
                continue;
            }

            var tasks = (ulong)Math.Max(status.Threads, 1);
            seen += tasks;
            Add(pid, status, tasks);
        }

        var isComplete = showsAllProcesses && unreadable == 0;
        Problem = isComplete ? null : node.TasksProblem;
        _unknown = isComplete ? 0 : Math.Max(unreadable, Saturating.Subtract(node.Tasks, seen));
    }

    private void Add(int pid, in StatusFile status, ulong tasks)
    {
        _ofUid[status.RealUid] = _ofUid.GetValueOrDefault(status.RealUid) + tasks;
        if (IsShared)
        {
            Count(0, status.RealUid, tasks);
            return;
        }

        var read = ProcessLinks.ReadNamespace(proc, pid, "ns/user"u8, out var inode);
        if (read != ReadStatus.Ok)
        {
            _withoutNamespace[status.RealUid] = _withoutNamespace.GetValueOrDefault(status.RealUid) + tasks;
            return;
        }

        Count(inode, status.RealUid, tasks);
        for (var depth = 0; inode != ProcessFacts.InitialUserNamespace && depth < MaxDepth; depth++)
        {
            if (!TryFindParent(pid, inode, out var parent))
            {
                break;
            }

            Count(parent.Parent, parent.Owner, tasks);
            inode = parent.Parent;
        }
    }

    private void Count(ulong userNamespace, uint uid, ulong tasks) =>
        _tasks[(userNamespace, uid)] = _tasks.GetValueOrDefault((userNamespace, uid)) + tasks;

    private bool TryFindParent(int pid, ulong inode, out (ulong Parent, uint Owner) parent)
    {
        if (!_parents.TryGetValue(inode, out parent))
        {
            var fd = proc.Open(pid, "ns/user"u8);
            if (fd >= 0)
            {
                AddParents(fd, inode);
            }

            return _parents.TryGetValue(inode, out parent);
        }

        return true;
    }

    private void AddParents(int fd, ulong inode)
    {
        for (var depth = 0; fd >= 0 && depth < MaxDepth; depth++)
        {
            var above = Libc.OpenParentNamespace(fd);
            if (above >= 0 && Libc.TryGetNamespaceOwner(fd, out var owner) && TryReadInode(above, out var parent))
            {
                _parents[inode] = (parent, owner);
                inode = parent;
            }

            Libc.Close(fd);
            fd = above;
            if (inode == ProcessFacts.InitialUserNamespace)
            {
                break;
            }
        }

        if (fd >= 0)
        {
            Libc.Close(fd);
        }
    }

    private static bool TryReadInode(int fd, out ulong inode)
    {
        Span<byte> link = stackalloc byte[64];
        inode = 0;
        var n = Libc.ReadLink(Encoding.ASCII.GetBytes($"/proc/self/fd/{fd}\0"), link);
        return n > 0 && ProcessLinks.TryParse(link[..n], out inode);
    }
}
