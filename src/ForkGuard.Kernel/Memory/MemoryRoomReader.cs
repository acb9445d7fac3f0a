using System.Runtime.InteropServices;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Memory;

/// <summary>
/// Reads the room of the memory cgroups of a process and of the node. Allocates only for a failure. Not for several
/// threads at once.
/// </summary>
public sealed class MemoryRoomReader
{
    /// <summary>
    /// Default of the kubelet's memory.available (pkg/kubelet/apis/config/v1beta1/defaults_linux.go).
    /// </summary>
    public const ulong KubeletEvictionThreshold = 100 * 1024 * 1024;

    private static readonly CgroupNumber NotRead = new() { Status = CgroupReadStatus.Absent };

    private const ulong BatchPages = 64;

    // v1 shows no slabs: buffer heads of the page cache, 104 bytes a page, are reclaimed with it.
    private const ulong LegacySlabShare = 32;

    // THREAD_SIZE of x86-64 and arm64; task_struct is larger than 4 KiB.
    private const ulong ForEachThread = (16 + 4) * 1024;
    private const int MaxStatBytes = 16 * 1024;

    private readonly ProcRoot _proc;
    private readonly ulong _evictionThreshold;
    private readonly ulong _batch;
    private readonly byte[] _buffer = new byte[MaxStatBytes];
    private readonly Dictionary<Cgroup, ulong> _fixed = [];
    private NodeMemory? _node;
    private bool? _hasSwap;
    private bool? _isKernelMemoryFree;
    private ulong? _maxMappings;

    /// <param name="proc">Where /proc is.</param>
    /// <param name="evictionThreshold">
    /// Available memory of the node, in bytes, below which its kubelet evicts pods; 0 on a host without a kubelet.
    /// </param>
    public MemoryRoomReader(ProcRoot proc, ulong evictionThreshold)
    {
        ArgumentNullException.ThrowIfNull(proc);
        _proc = proc;
        _evictionThreshold = evictionThreshold;
        _ = CpuList.Count(proc, out var cpus);
        Cpus = Math.Max(cpus, 1);
        _batch = (ulong)Cpus * BatchPages * (ulong)ProcRoot.PageSize;
    }

    /// <summary>CPUs that are online; at least 1.</summary>
    internal int Cpus { get; }

    /// <summary>Changes when usage of some cgroup may have come to half of its limit.</summary>
    internal long FarVersion { get; private set; }

    /// <summary>Memory of the node in this scan; null if /proc/meminfo cannot be read.</summary>
    internal NodeMemory? Node => _node ??= NodeMemory.TryRead(_proc, out var node) ? node : null;

    /// <summary>Estimates how long a fork takes, with the huge pages of its cgroup or of the node.</summary>
    internal ForkTime EstimateForkTime(in ProcessMemory memory, in MemoryRoom room, int mappings)
    {
        var huge =
            room.Anonymous is { } all ? ForkTime.HugeOf(memory.Anonymous, all, room.AnonymousHuge)
            : Node is { } node ? ForkTime.HugeOf(memory.Anonymous, node.Anonymous, node.AnonymousHuge)
            : new ByteInterval(0, memory.Anonymous);
        return ForkTime.Estimate(memory, huge, mappings);
    }

    /// <summary>
    /// Without swap the usage of memory and swap is that of memory, and its limit is never lower (mm/memcontrol-v1.c
    /// <c>mem_cgroup_resize_max</c>).
    /// </summary>
    private bool HasSwap => _hasSwap ??= !_proc.IsLive || Libc.HasSwap();

    internal void EndFar() => FarVersion++;

    /// <summary>Mappings that a process may have.</summary>
    internal ulong MaxMappings => _maxMappings ??= MappingCount.ReadMax(_proc);

    /// <summary>Page tables and stacks of a fork count for the limit of the cgroup.</summary>
    internal bool ChargesKernelMemory(Cgroup limiting) =>
        !(_isKernelMemoryFree ??= KernelMemory.IsNeverCharged(_proc)) && !KernelMemory.IsUncounted(limiting);

    /// <summary>Starts a scan: the numbers of the node are read again when they are next needed.</summary>
    public void BeginScan()
    {
        _node = null;
        _hasSwap = null;
        _maxMappings = null;
        _fixed.Clear();
    }

    /// <summary>
    /// Reads the room by all limits above a process and by the node, with memory.stat of the cgroup of the process and
    /// of each with a limit. That makes the kernel add up counters of all CPUs: only for processes that save by
    /// forking, and where somebody asks.
    /// </summary>
    public MemoryRoom Read(in CgroupPlace place)
    {
        var room = ReadCgroups(place, readsStat: true);
        if (Node is not { } node)
        {
            return room with { Problem = room.Problem ?? "meminfo cannot be read" };
        }

        var bytes = node.Room(_evictionThreshold);
        var isTighter = room.Limiting is null || bytes.High < room.Bytes.High;
        return room with
        {
            Bytes = new ByteInterval(Math.Min(room.Bytes.Low, bytes.Low), Math.Min(room.Bytes.High, bytes.High)),
            Limiting = isTighter ? null : room.Limiting,
            Limit = isTighter ? 0 : room.Limit,
            Uncertainty = isTighter ? 0 : room.Uncertainty,
            KillsWholeContainer = isTighter
                ? OomVictims.AreWholeContainer(place.Cgroup, limiting: null)
                : room.KillsWholeContainer,
            KillsNobody = !isTighter && room.KillsNobody,
        };
    }

    /// <summary>
    /// Reads the room by the limits above a process only. Without memory.stat it reads limits and usage, for the lower
    /// end: the upper end takes all of the usage as reclaimable, and nothing is known about kills and throttling.
    /// <see cref="MemoryRoom.Limiting"/> is null if no limit holds; the room is then unlimited.
    /// </summary>
    internal MemoryRoom ReadCgroups(in CgroupPlace place, bool readsStat)
    {
        var room = new MemoryRoom { Bytes = new ByteInterval(ulong.MaxValue, ulong.MaxValue), Problem = place.Problem };
        var swap = readsStat ? SwapRoom(place.Cgroup) : 0;
        ulong protectedBytes = 0;
        // The nearest cgroup with the memory controller counts the processes of those below it; the root counts the whole machine.
        var needsStat = readsStat;
        for (var cgroup = place.Cgroup; cgroup is not null; cgroup = cgroup.Parent)
        {
            MemoryStat? stat = null;
            if (needsStat && (cgroup.Parent is not null || ReferenceEquals(cgroup, place.Cgroup)))
            {
                stat = ReadStat(cgroup, ref room, out needsStat);
            }

            room = stat is { } own ? room with { Anonymous = own.Anonymous, AnonymousHuge = own.AnonymousHuge } : room;
            var isLimited = TryReadLevel(cgroup, isWhole: readsStat, ref room, out var level);
            if (isLimited)
            {
                stat ??= readsStat ? ReadStat(cgroup, ref room, out _) : null;
                room = WithLevel(room, cgroup, level with { Stat = stat, Protected = protectedBytes }, swap);
                room = readsStat ? WithKernelLimit(room, cgroup) : room;
            }

            protectedBytes = readsStat ? ProtectedBy(cgroup) : 0;
        }

        return room.Limiting is null || !readsStat
            ? room
            : room with
            {
                KillsWholeContainer = OomVictims.AreWholeContainer(place.Cgroup, room.Limiting),
                KillsNobody = OomVictims.AreSpared(room.Limiting),
            };
    }

    private bool TryReadLevel(Cgroup cgroup, bool isWhole, ref MemoryRoom room, out MemoryLevel level)
    {
        if (!isWhole && cgroup.Notes<MemoryNotes>().Memory.TryGet(cgroup.ScanTime, out level))
        {
            cgroup.Touch();
            return level.Limit != ulong.MaxValue;
        }

        level = default;
        var limitFile = cgroup.IsUnified ? MemoryFiles.Max : MemoryFiles.LegacyLimit;
        var usageFile = cgroup.IsUnified ? MemoryFiles.Current : MemoryFiles.LegacyUsage;
        var limit = cgroup.Limit(limitFile, usageFile, isFresh: isWhole);
        Note(ref room, cgroup, limitFile, limit);
        var high = isWhole && cgroup.IsUnified ? cgroup.Number(MemoryFiles.High) : NotRead;
        var usage = limit.IsLimit || high.IsLimit ? cgroup.Number(usageFile) : NotRead;
        if (high.IsLimit && usage.IsLimit && usage.Value > high.Value)
        {
            room = room with { IsThrottled = true };
        }

        if (!limit.IsLimit || usage.Status == CgroupReadStatus.Gone)
        {
            if (!limit.IsLimit && limit.Status is (CgroupReadStatus.Ok or CgroupReadStatus.Absent))
            {
                Keep(cgroup, new MemoryLevel { Limit = ulong.MaxValue });
            }

            return false;
        }

        if (!usage.IsLimit)
        {
            room = room with { Problem = $"{usageFile.Name} of {cgroup.Path}: {usage.Problem ?? "it does not exist"}" };
            return false;
        }

        level = new MemoryLevel { Limit = limit.Value, Usage = usage.Value };
        if (!cgroup.IsUnified && (isWhole || HasSwap))
        {
            var isFar = !isWhole && usage.Value < limit.Value / 2;
            var total = cgroup.Limit(MemoryFiles.LegacyTotalLimit, isKept: isFar);
            total = total.IsLimit
                ? cgroup.Limit(MemoryFiles.LegacyTotalLimit, MemoryFiles.LegacyTotalUsage, isFresh: !isFar)
                : total;
            Note(ref room, cgroup, MemoryFiles.LegacyTotalLimit, total);
            var totalUsage = total.IsLimit ? cgroup.Number(MemoryFiles.LegacyTotalUsage) : NotRead;
            level = totalUsage.IsLimit ? level with { TotalLimit = total.Value, TotalUsage = totalUsage.Value } : level;
            if (total.Status == CgroupReadStatus.Failed)
            {
                return true;
            }
        }

        Keep(cgroup, level);
        return true;
    }

    private static void Keep(Cgroup cgroup, in MemoryLevel level) =>
        cgroup.Notes<MemoryNotes>().Memory.Keep(level, cgroup.KeptUntil, cgroup.ScanNumber);

    private MemoryRoom WithLevel(in MemoryRoom room, Cgroup cgroup, in MemoryLevel level, ulong swap)
    {
        var bytes = level.Room(swap);
        var isTighter = room.Limiting is null || IsReachedFirst(level, room) || bytes.High < room.Bytes.High;
        return room with
        {
            Bytes = new ByteInterval(Math.Min(room.Bytes.Low, bytes.Low), Math.Min(room.Bytes.High, bytes.High)),
            Limiting = isTighter ? cgroup : room.Limiting,
            Limit = isTighter ? level.Limit : room.Limit,
            TotalLimit = isTighter ? level.TotalLimit : room.TotalLimit,
            Unwritten = isTighter ? level.Stat?.Unwritten ?? 0 : room.Unwritten,
            Uncertainty = isTighter
                ? _batch + (cgroup.IsUnified ? 0 : (level.Stat?.Reclaimable ?? 0) / LegacySlabShare)
                : room.Uncertainty,
        };
    }

    /// <summary>
    /// The room with all in its uncertainty that may be freed at the limit, however late: page cache that has to be written, and slabs
    /// of v1 (mm/vmscan.c <c>shrink_slab_memcg</c>). On v2, a file system without writeback for each cgroup leaves dirty pages as well.
    /// Slabs are at most all kernel memory, less page tables and threads of the process's own cgroup. On v2 memory.stat has them, and
    /// may lag by a charge batch for each CPU (mm/memcontrol.c <c>memcg_rstat_updated</c>, Linux 5.16).
    /// </summary>
    internal MemoryRoom WithLateReclaim(in MemoryRoom room, Cgroup? leaf)
    {
        if (room.Limiting is not { } limiting || leaf is null)
        {
            return room;
        }

        var hidden = _batch;
        if (!limiting.IsUnified)
        {
            var usage = limiting.Number(MemoryFiles.LegacyKernelUsage);
            hidden = usage.IsLimit ? Saturating.Subtract(usage.Value, FixedOf(leaf)) : 0;
        }

        return room with
        {
            Uncertainty = Saturating.Add(room.Uncertainty, Saturating.Add(room.Unwritten, hidden)),
        };
    }

    /// <summary>
    /// Page tables and threads of its first two thousand processes, in bytes. Fewer than all of them widen the uncertainty.
    /// </summary>
    private ulong FixedOf(Cgroup leaf)
    {
        if (_fixed.TryGetValue(leaf, out var size))
        {
            return size;
        }

        if (leaf.Read(MemoryFiles.Processes, _buffer, out var text, out _) == CgroupReadStatus.Ok)
        {
            while (Ascii.TryTakeLine(ref text, out var line))
            {
                if (
                    Ascii.TryParseOnlyNumber(line, out var pid)
                    && pid is > 0 and <= int.MaxValue
                    && ProcessMemory.Read(_proc, (int)pid, out var memory) == ReadStatus.Ok
                )
                {
                    size = Saturating.Add(size, memory.PageTables);
                    size = Saturating.Add(size, Saturating.Multiply(memory.Threads, ForEachThread));
                }
            }
        }

        _fixed.Add(leaf, size);
        return size;
    }

    /// <summary>
    /// Usage of an ancestor is at least that of the cgroup below (<c>page_counter_try_charge</c>, mm/page_counter.c). It is read
    /// later, and may be less by then. Without swap the limit of memory and swap is never the tighter one.
    /// </summary>
    private bool IsReachedFirst(in MemoryLevel ancestor, in MemoryRoom below) =>
        ancestor.Limit <= below.Limit && (!HasSwap || ancestor.TotalLimit <= below.TotalLimit);

    private static MemoryRoom WithKernelLimit(MemoryRoom room, Cgroup cgroup)
    {
        var limit = cgroup.IsUnified ? NotRead : cgroup.Number(MemoryFiles.LegacyKernelLimit);
        var usage = limit.IsLimit ? cgroup.Number(MemoryFiles.LegacyKernelUsage) : NotRead;
        Note(ref room, cgroup, MemoryFiles.LegacyKernelLimit, limit);
        Note(ref room, cgroup, MemoryFiles.LegacyKernelUsage, usage);
        return usage.IsLimit
            ? room with
            {
                KernelRoom = Math.Min(room.KernelRoom ?? ulong.MaxValue, Saturating.Subtract(limit.Value, usage.Value)),
            }
            : room;
    }

    // memory.min of siblings is not read: the upper end stays an upper end without it.
    private static ulong ProtectedBy(Cgroup cgroup)
    {
        var min = cgroup.IsUnified ? cgroup.Number(MemoryFiles.Min) : NotRead;
        if (min.Status != CgroupReadStatus.Ok || min.Value == 0)
        {
            return 0;
        }

        var usage = cgroup.Number(MemoryFiles.Current);
        return usage.Status == CgroupReadStatus.Ok ? Math.Min(min.Value, usage.Value) : 0;
    }

    private ulong SwapRoom(Cgroup? leaf)
    {
        var room = leaf is null ? 0 : Node?.SwapFree ?? 0;
        if (room == 0 || !leaf!.IsUnified)
        {
            var swappiness = room == 0 ? NotRead : leaf!.Number(MemoryFiles.LegacySwappiness);
            return swappiness.Status == CgroupReadStatus.Ok && swappiness.Value == 0 ? 0 : room;
        }

        for (var cgroup = leaf; cgroup is not null; cgroup = cgroup.Parent)
        {
            var max = cgroup.Number(MemoryFiles.SwapMax);
            var current = max.IsLimit ? cgroup.Number(MemoryFiles.SwapCurrent) : NotRead;
            room = max.IsLimit ? Math.Min(room, Saturating.Subtract(max.Value, current.Value)) : room;
        }

        return IsSwapOff() ? 0 : room;
    }

    /// <summary>At vm.swappiness 0 reclaim for a limit of v2 never swaps (mm/vmscan.c <c>get_scan_count</c>).</summary>
    private bool IsSwapOff()
    {
        Span<byte> buffer = stackalloc byte[32];
        return _proc.TryRead("sys/vm/swappiness"u8, buffer, out var text) == ReadStatus.Ok
            && Ascii.TryParseOnlyNumber(text, out var swappiness)
            && swappiness == 0;
    }

    private MemoryStat? ReadStat(Cgroup cgroup, ref MemoryRoom room, out bool isAbsent)
    {
        var status = cgroup.Read(MemoryFiles.Stat, _buffer, out var text, out var errno);
        isAbsent = status == CgroupReadStatus.Absent;
        if (status == CgroupReadStatus.Ok && MemoryStat.TryParse(text, cgroup.IsUnified, out var stat))
        {
            return stat;
        }

        if (status is CgroupReadStatus.Ok or CgroupReadStatus.Failed)
        {
            var problem = errno == 0 ? "it is not what the kernel writes" : Marshal.GetPInvokeErrorMessage(errno);
            room = room with { Problem = $"{MemoryFiles.Stat.Name} of {cgroup.Path}: {problem}" };
        }

        return null;
    }

    private static void Note(ref MemoryRoom room, Cgroup cgroup, CgroupFile file, in CgroupNumber number)
    {
        if (number.Status == CgroupReadStatus.Failed)
        {
            room = room with { Problem = $"{file.Name} of {cgroup.Path}: {number.Problem}" };
        }
    }
}
