using System.Runtime;
using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Cli.Watching;

/// <summary>
/// Memory that is committed before it is needed. In mode 2 the kernel refuses even a page once nothing is left to commit,
/// which is when a watch has the most to report, and a runtime that is left to itself commits as it goes.
/// </summary>
internal sealed class CommittedMemory
{
    // Committed at once, and touched only as they are used. A scan that finds 200 processes at risk allocates about 0.5 MiB.
    private const long SmallObjectBytes = 4 << 20;
    private const long LargeObjectBytes = 1 << 20;

    /// <summary>The amount that must be left, beyond the user reserve that the kernel keeps back, to release and commit again.</summary>
    private const ulong SpareBytes = 32 << 20;

    private long _allocatedBefore;

    /// <summary>Commits ahead. Without the memory for it everything goes on as it would without this.</summary>
    internal void Commit()
    {
        CollectAll();
        CommitHeap();
        CommitStack();
    }

    /// <summary>
    /// Collects and commits again once a quarter of the heap's part is used, or all, but not while the machine is short of memory
    /// to commit: what is held lasts until then, and after it the collector makes do with what has been committed.
    /// </summary>
    /// <param name="state">The machine as it is now.</param>
    internal void Renew(in KernelState state)
    {
        var isHeld = GCSettings.LatencyMode == GCLatencyMode.NoGCRegion;
        if (!HasSpare(state) || (isHeld && GC.GetTotalAllocatedBytes() - _allocatedBefore < SmallObjectBytes / 4))
        {
            return;
        }

        if (isHeld)
        {
            ReleaseHeap();
        }

        CollectAll();
        CommitHeap();
    }

    /// <summary>Returns what is free to the kernel too: garbage of the start alone is a MiB.</summary>
    private static void CollectAll() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private void CommitHeap()
    {
        _allocatedBefore = GC.GetTotalAllocatedBytes();
        GC.TryStartNoGCRegion(SmallObjectBytes + LargeObjectBytes, LargeObjectBytes);
    }

    // The runtime starts a thread for a signal, and glibc gives it the stack of one that has ended (nptl/allocatestack.c).
    private static void CommitStack()
    {
        var ended = new Thread(static () => { });
        ended.Start();
        ended.Join();
    }

    private static void ReleaseHeap()
    {
        try
        {
            GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // Another thread has used the rest just now, and there is nothing left to end.
        }
    }

    private static bool HasSpare(in KernelState state) =>
        state.Mode != OvercommitMode.Strict || state.Committed + state.UserReserve + SpareBytes <= state.CommitLimit;
}
