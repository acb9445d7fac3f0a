using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>Uids as the user namespace of the reader shows them (user_namespaces(7)).</summary>
/// <param name="IsInitial">It is the initial one, in which every uid is shown as it is.</param>
/// <param name="Root">Root of the initial one, or the overflow uid where it is not mapped.</param>
internal readonly record struct ReaderUsers(bool IsInitial, uint Root)
{
    // DEFAULT_OVERFLOWUID (include/linux/highuid.h): every uid that is not mapped is shown as this one.
    private const uint Overflow = 65534;

    internal static ReaderUsers Of(ProcRoot proc)
    {
        var root = proc.RootUid;
        var isInitial =
            ProcessLinks.ReadNamespace(proc, pid: -1, "self/ns/user"u8, out var own) == ReadStatus.Ok
                ? own == ProcessFacts.InitialUserNamespace
                : root == 0;
        return new ReaderUsers(isInitial || !proc.IsLive, root);
    }

    /// <summary>The uid may be that of several users, root among them.</summary>
    internal bool IsAmbiguous(uint uid) => !IsInitial && uid == Overflow;

    internal bool IsRoot(uint uid) => uid == Root && !IsAmbiguous(uid);
}
