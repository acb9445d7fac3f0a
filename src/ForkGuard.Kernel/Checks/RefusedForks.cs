using ForkGuard.Kernel.Cgroups;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Forks that the kernel refused for a pids limit, over many reads (<c>max</c> of pids.events; kernel/cgroup/pids.c
/// <c>pids_event</c>). From Linux 6.11 on v2 the limiting cgroup counts them in pids.events.local. Before, on v1, and with the
/// mount option pids_localevents, the cgroup that forked counts them: then the counts of the limiting cgroup and of all below it
/// are added up. Those counts do not name the limit: a cgroup below that has a limit of its own is left out with all below it, since
/// it counts the refusals for both; refusals for another limit above do count. Not for several threads at once.
/// </summary>
/// <remarks>
/// Each cgroup has a count of its own. The total grows by what they grew: a cgroup that was removed leaves its count in it, and
/// one that was made since the last walk brings all of its count.
/// </remarks>
public sealed class RefusedForks
{
    private const int MaxEventsBytes = 256;
    private const int MaxAtOnce = 4096;
    private const int MaxLimited = 4096;

    private static readonly CgroupFile Events = new("pids.events");
    private static readonly CgroupFile Max = new("pids.max");
    private static readonly CgroupFile LocalEvents = new("pids.events.local");

    private readonly Cgroup _limiting;
    private readonly CgroupWalk _walk;
    private readonly Dictionary<ulong, (ulong Refused, long Walk)> _counts = [];
    private bool? _isHierarchical;
    private readonly HashSet<ulong> _limited = [];
    private readonly ulong? _earlier;
    private bool _knowsAll = true;
    private bool _isAtTop;
    private long _walks;
    private ulong _top;
    private ulong? _sum;
    private ulong? _first;

    /// <param name="limiting">The cgroup with the limit.</param>
    /// <param name="earlier">
    /// Total that an earlier program counted up to its end. Where counts are added up, the first total of this one is taken for the
    /// same: which cgroups the other one had left out is not known.
    /// </param>
    public RefusedForks(Cgroup limiting, ulong? earlier = null)
    {
        _earlier = earlier;
        ArgumentNullException.ThrowIfNull(limiting);
        _limiting = limiting;
        _walk = new CgroupWalk(limiting, Events, Max);
    }

    /// <summary>
    /// Refused forks since the cgroup exists, less those of cgroups below it that were removed before the first read. Null until
    /// every cgroup was read once, and if none can be read.
    /// </summary>
    public ulong? Total { get; private set; }

    /// <summary>The last read ended before it had read every cgroup.</summary>
    public bool IsUnfinished => !_walk.IsOver;

    /// <summary>Counts once, from at most 4096 cgroups; null if none can be read, and if there are more.</summary>
    public static ulong? Count(Cgroup limiting)
    {
        var forks = new RefusedForks(limiting);
        forks.Read(MaxAtOnce);
        return forks.Total;
    }

    /// <summary>
    /// Reads the next cgroups, in turn. Ends with the last one, so that none is read twice. Returns how many were read.
    /// </summary>
    /// <param name="most">The most that are read.</param>
    public int Read(int most)
    {
        Span<byte> buffer = stackalloc byte[MaxEventsBytes];
        if (_limiting.IsUnified && _isHierarchical != false && TryReadLimiting(buffer))
        {
            return 1;
        }

        if (_walk.IsOver)
        {
            _walk.Restart();
            _isAtTop = true;
        }

        var reads = 0;
        for (; reads < most && !_walk.IsOver; reads++)
        {
            Visit(buffer);
        }

        if (_walk.IsOver)
        {
            End();
        }

        return reads;
    }

    internal static bool TryParseMax(ReadOnlySpan<byte> text, out ulong refused)
    {
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            if (line.StartsWith("max "u8))
            {
                return Ascii.TryParseOnlyNumber(line["max "u8.Length..], out refused);
            }
        }

        refused = 0;
        return false;
    }

    /// <summary>False if the limiting cgroup does not count refusals for its own limit.</summary>
    private bool TryReadLimiting(Span<byte> buffer)
    {
        var status = _limiting.Read(LocalEvents, buffer, out var text, out _);
        if (_isHierarchical is null && status is (CgroupReadStatus.Ok or CgroupReadStatus.Absent))
        {
            _isHierarchical = status == CgroupReadStatus.Ok && !_limiting.HasLocalPidsEvents;
        }

        if (_isHierarchical == true && TryParseMax(text, out var refused))
        {
            Total = refused;
        }

        return _isHierarchical != false;
    }

    private void Visit(Span<byte> buffer)
    {
        var isTop = _isAtTop;
        _isAtTop = false;
        var isRead = _walk.TryVisit(buffer, out var inode, out var text);
        if (_walk.IsLimited)
        {
            Leave(inode);
        }
        else if (_limited.Remove(inode))
        {
            // Its counts are from the time of its own limit, as are those of all below it.
            _knowsAll = false;
        }

        if (!isRead || !TryParseMax(text, out var refused))
        {
            return;
        }

        if (isTop && inode != _top)
        {
            Forget();
            _top = inode;
        }

        var isKnown = _counts.TryGetValue(inode, out var known);
        var before = isKnown || _knowsAll ? known.Refused : refused;
        _sum = (_sum ?? 0) + Saturating.Subtract(refused, before);
        _counts[inode] = (refused, _walks);
    }

    private void Leave(ulong inode)
    {
        if (_limited.Count >= MaxLimited)
        {
            _limited.Clear();
        }

        _limited.Add(inode);
    }

    // The path has another cgroup by now.
    private void Forget()
    {
        if (_top != 0)
        {
            // All that it counts is later than the count of the earlier program.
            _first = 0;
        }

        _counts.Clear();
        _limited.Clear();
        _knowsAll = true;
        _sum = null;
        Total = null;
    }

    private void End()
    {
        foreach (var (inode, count) in _counts)
        {
            // A dictionary may lose entries while it is enumerated.
            if (count.Walk != _walks)
            {
                _counts.Remove(inode);
            }
        }

        _knowsAll = _walk.SeesAll;
        _walks++;
        _first ??= _sum;
        Total = _earlier is { } earlier && _sum is { } sum ? earlier + Saturating.Subtract(sum, _first ?? 0) : _sum;
    }
}
