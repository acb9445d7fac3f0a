using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Memory;

/// <summary>Memory of the whole machine by /proc/meminfo (proc_meminfo(5)), in bytes.</summary>
internal readonly record struct NodeMemory
{
    /// <summary>The kernel's own estimate of what can be had without swapping (Linux 3.14).</summary>
    internal ulong Available { get; private init; }

    internal ulong SwapFree { get; private init; }

    internal ulong Anonymous { get; private init; }

    /// <summary>Part of <see cref="Anonymous"/> in huge pages; 0 for a kernel without them.</summary>
    internal ulong AnonymousHuge { get; private init; }

    /// <summary>False if the file cannot be read, or lacks one of the first three.</summary>
    internal static bool TryRead(ProcRoot proc, out NodeMemory memory)
    {
        memory = default;
        Span<byte> buffer = stackalloc byte[8 * 1024];
        if (
            proc.TryRead("meminfo"u8, buffer, out var text) != ReadStatus.Ok
            || !Meminfo.TryFind(text, "MemAvailable:"u8, out var available)
            || !Meminfo.TryFind(text, "SwapFree:"u8, out var swap)
            || !Meminfo.TryFind(text, "AnonPages:"u8, out var anonymous)
        )
        {
            return false;
        }

        _ = Meminfo.TryFind(text, "AnonHugePages:"u8, out var huge);
        memory = new NodeMemory
        {
            Available = available,
            SwapFree = swap,
            Anonymous = anonymous,
            AnonymousHuge = huge,
        };
        return true;
    }

    /// <summary>Room of the machine as the topmost memory cgroup.</summary>
    /// <param name="reserve">Available bytes below which the kubelet evicts pods; 0 without one.</param>
    internal ByteInterval Room(ulong reserve) =>
        new(Saturating.Subtract(Available, reserve), Saturating.Subtract(Saturating.Add(Available, SwapFree), reserve));
}
