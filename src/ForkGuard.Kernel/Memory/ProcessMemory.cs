using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Memory;

/// <summary>Memory of one process by /proc/PID/status (proc_pid_status(5), Linux 4.5), in bytes.</summary>
public readonly record struct ProcessMemory
{
    /// <summary>VmPTE: page tables of the last level. Tables kept for huge pages count.</summary>
    public ulong PageTables { get; init; }

    /// <summary>RssAnon.</summary>
    public ulong Anonymous { get; init; }

    /// <summary>RssFile plus RssShmem.</summary>
    public ulong Shared { get; init; }

    /// <summary>VmSwap.</summary>
    public ulong Swapped { get; init; }

    /// <summary>
    /// VmPin: pages pinned for long, such as the fixed buffers of io_uring and the memory of RDMA. The pages need not be anonymous, and
    /// one that is pinned twice counts twice.
    /// </summary>
    public ulong Pinned { get; init; }

    /// <summary>Threads; at least 1.</summary>
    public ulong Threads { get; init; }

    /// <summary>FDSize: slots of the descriptor table, which a fork copies.</summary>
    public ulong DescriptorSlots { get; init; }

    /// <summary>
    /// Reads one process. Returns Gone if it has ended, NoAddressSpace for a zombie and a kernel thread, Malformed for
    /// a status that does not hold these numbers.
    /// </summary>
    public static ReadStatus Read(ProcRoot proc, int pid, out ProcessMemory memory)
    {
        ArgumentNullException.ThrowIfNull(proc);
        memory = default;
        Span<byte> buffer = stackalloc byte[16 * 1024];
        var status = proc.TryReadAll(pid, "status"u8, buffer, out var text);
        return status == ReadStatus.Ok ? Parse(text, out memory) : status;
    }

    internal static ReadStatus Parse(ReadOnlySpan<byte> text, out ProcessMemory memory)
    {
        memory = default;
        var required = 0;
        var isComplete = false;
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            var isTables = line.StartsWith("VmPTE:"u8);
            var isAnonymous = line.StartsWith("RssAnon:"u8);
            var isShared = line.StartsWith("RssFile:"u8) || line.StartsWith("RssShmem:"u8);
            var isSwapped = line.StartsWith("VmSwap:"u8);
            var isPinned = line.StartsWith("VmPin:"u8);
            var isSlots = line.StartsWith("FDSize:"u8);
            var isThreads = line.StartsWith("Threads:"u8);
            isComplete |= isThreads;
            if (!isTables && !isAnonymous && !isShared && !isSwapped && !isPinned && !isSlots && !isThreads)
            {
                continue;
            }

            line = line[(line.IndexOf((byte)':') + 1)..];
            Ascii.SkipSpaces(ref line);
            if (
                !Ascii.TryTakeNumber(ref line, out var number)
                || !(isSlots || isThreads ? line.IsEmpty : line.SequenceEqual(" kB"u8))
            )
            {
                return ReadStatus.Malformed;
            }

            var bytes = Saturating.Multiply(number, isSlots || isThreads ? 1UL : 1024);
            required += isTables || isAnonymous ? 1 : 0;
            memory = new ProcessMemory
            {
                PageTables = isTables ? bytes : memory.PageTables,
                Anonymous = isAnonymous ? bytes : memory.Anonymous,
                Shared = isShared ? Saturating.Add(memory.Shared, bytes) : memory.Shared,
                Swapped = isSwapped ? bytes : memory.Swapped,
                Pinned = isPinned ? bytes : memory.Pinned,
                Threads = isThreads ? bytes : memory.Threads,
                DescriptorSlots = isSlots ? bytes : memory.DescriptorSlots,
            };
        }

        return required == 2 ? ReadStatus.Ok
            : required == 0 && isComplete ? ReadStatus.NoAddressSpace
            : ReadStatus.Malformed;
    }
}
