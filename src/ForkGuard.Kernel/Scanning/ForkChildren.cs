using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Finds the part of the commit charge that goes by itself: what fork children hold, such as the one with which a database
/// saves. A fork child is the only child of its process that still runs the program of its parent, has memory of its own, and
/// is at most an hour old.
/// </summary>
/// <remarks>
/// It is subtracted only while there is evidence that it goes. A server that keeps a worker and replaces it makes its next
/// fork on top of the worker, however young that is: children of one parent count as one stretch until the parent was without
/// one for as long as the last one lived, and nothing is subtracted for a stretch of more than an hour. Nor is it where the
/// kernel does not confirm that the child has memory of its own (kcmp(2)): a vfork child holds nothing.
/// </remarks>
internal sealed class ForkChildren
{
    // USER_HZ, which the kernel shows ticks in whatever its own is (proc_pid_stat(5)); 100 but on alpha and ia64.
    private const ulong TicksPerSecond = 100;

    /// <summary>A save takes minutes; a child that is older than an hour is there to stay.</summary>
    private const ulong MaxTicks = 3600 * TicksPerSecond;

    private readonly ProcRoot _proc;
    private readonly Func<int, int, bool?> _sharesMemory;
    private readonly Dictionary<int, int> _indexes = [];
    private readonly Dictionary<int, int> _onlyChildren = [];
    private readonly HashSet<int> _counted = [];
    private readonly Dictionary<(int Pid, ulong StartTime), Stretch> _stretches = [];

    // Bytes that all of the last scan hold.
    private ulong _total;

    // Committed bytes when the last scan began, and now; 0 until it is read.
    private ulong _committed;
    private ulong _committedNow;

    /// <param name="proc">Where to read.</param>
    /// <param name="sharesMemory">Returns true if two processes share their memory, null if that is not known; null asks the kernel.</param>
    internal ForkChildren(ProcRoot proc, Func<int, int, bool?>? sharesMemory = null)
    {
        _proc = proc;
        // The pids of a captured tree, or of another pid namespace, are not those that the system call takes.
        _sharesMemory =
            sharesMemory
            ?? (proc.HasOwnPids ? static (pid, other) => Libc.SharesMemory(pid, other) : static (_, _) => null);
    }

    /// <summary>There was a scan that found nothing.</summary>
    internal void Forget()
    {
        _indexes.Clear();
        _onlyChildren.Clear();
        _counted.Clear();
        _total = 0;
    }

    /// <summary>Adds to each reading of one scan what the fork children among them hold. Reads at most two files.</summary>
    /// <param name="readings">By the rule of mode 2.</param>
    /// <param name="committed">Committed bytes when the scan began.</param>
    internal void Mark(List<ProcessReading> readings, ulong committed)
    {
        Forget();
        (_committed, _committedNow) = (committed, 0);
        FindOnlyChildren(readings);
        if (TryReadUptime(out var now))
        {
            foreach (var (parent, child) in _onlyChildren)
            {
                Count(readings[_indexes[parent]], child < 0 ? null : readings[child], now);
            }

            DropOldStretches(now);
        }

        // One that ended since the scan began is in what was committed then, and is not found any more.
        var less =
            readings.Exists(IsRefused) && TryReadCommitted(out var current) && current < committed
                ? committed - current
                : 0;
        for (var i = 0; i < readings.Count; i++)
        {
            readings[i] = WithShare(readings[i], less);
        }
    }

    /// <summary>The same in a reading that was taken after the last scan.</summary>
    internal ProcessReading Mark(in ProcessReading reading) => WithShare(reading, less: 0);

    private ProcessReading WithShare(in ProcessReading reading, ulong less)
    {
        if (reading.Assessment.Constraint != ConstraintType.CommitCharge)
        {
            return reading;
        }

        var assessment = less > 0 ? AccountingRule.WithLessCommitted(reading.Assessment, less) : reading.Assessment;
        // The process's own part is committed too. By the rule of another mode not all of it is.
        var others = assessment.Used - assessment.Own;
        others -= assessment.IsBound ? 0 : Math.Min(others, assessment.Own);
        return reading with
        {
            Assessment = assessment,
            ForkChildren = Math.Min(_total, others),
            IsForkChild = _counted.Contains(reading.Pid),
        };
    }

    private void FindOnlyChildren(List<ProcessReading> readings)
    {
        for (var i = 0; i < readings.Count; i++)
        {
            _indexes[readings[i].Pid] = i;
        }

        for (var i = 0; i < readings.Count; i++)
        {
            var child = readings[i];
            if (
                child.StartStack != 0
                && _indexes.TryGetValue(child.Parent, out var parent)
                && readings[parent].StartStack == child.StartStack
                && _sharesMemory(child.Pid, child.Parent) == false
            )
            {
                _onlyChildren[child.Parent] = _onlyChildren.ContainsKey(child.Parent) ? -1 : i;
            }
        }
    }

    /// <param name="parent">A process with children that run its program.</param>
    /// <param name="child">The child; null if there are several.</param>
    /// <param name="now">Ticks since boot.</param>
    private void Count(in ProcessReading parent, ProcessReading? child, ulong now)
    {
        // Several are a pool of workers: it is there to stay, and one that remains of it goes on being one.
        var key = (parent.Pid, parent.StartTime);
        var isKnown = _stretches.TryGetValue(key, out var stretch);
        if (child is not { } only)
        {
            _stretches[key] = new Stretch(0, isKnown ? stretch.LastChild : now, now);
            return;
        }

        var isFirstSeen = !isKnown || stretch.LastChild != only.StartTime;
        var isNew = !isKnown || stretch.IsOverBefore(only.StartTime);
        stretch = new Stretch(isNew ? only.StartTime : stretch.Begin, only.StartTime, now);
        _stretches[key] = stretch;
        if (stretch.Begin > 0 && now - Math.Min(now, stretch.Begin) <= MaxTicks)
        {
            _counted.Add(only.Pid);
            // Both may be upper bounds: what goes at most.
            var held = Math.Min(parent.Assessment.Own, only.Assessment.Own);
            _total = isFirstSeen && CameAfterBegin(held) ? _total : Saturating.Add(_total, held);
        }
    }

    /// <summary>A child that was forked since the scan began is not in what was committed then.</summary>
    private bool CameAfterBegin(ulong held) =>
        TryReadCommitted(out var now) && now > _committed && now - _committed >= held / 2;

    private void DropOldStretches(ulong now)
    {
        foreach (var (key, stretch) in _stretches)
        {
            if (now - Math.Min(now, stretch.LastSeen) > 24 * MaxTicks)
            {
                _stretches.Remove(key);
            }
        }
    }

    private bool TryReadUptime(out ulong ticks)
    {
        var uptime = Uptime.Read(_proc).SinceBoot;
        ticks = (ulong)(uptime ?? default).TotalSeconds * TicksPerSecond;
        return uptime is not null;
    }

    private bool TryReadCommitted(out ulong bytes)
    {
        if (_committedNow == 0)
        {
            Span<byte> buffer = stackalloc byte[8192];
            var isRead =
                _proc.TryRead("meminfo"u8, buffer, out var text) == ReadStatus.Ok
                & Meminfo.TryParse(text, out var memory);
            _committedNow = isRead ? memory.Committed : 0;
        }

        bytes = _committedNow;
        return bytes > 0;
    }

    private static bool IsRefused(ProcessReading reading) =>
        reading.Assessment is { Constraint: ConstraintType.CommitCharge, Verdict: Verdict.CannotFork };

    /// <summary>Children of one parent, one after the other.</summary>
    /// <param name="Begin">Start of the first, in ticks since boot; 0 for a pool of workers.</param>
    /// <param name="LastChild">Start of the last one.</param>
    /// <param name="LastSeen">The last scan that found one.</param>
    private readonly record struct Stretch(ulong Begin, ulong LastChild, ulong LastSeen)
    {
        /// <summary>The parent was without a child for as long as the last one lived, before one that started then.</summary>
        internal bool IsOverBefore(ulong start) =>
            start > LastSeen && start - LastSeen >= LastSeen - Math.Min(LastSeen, LastChild);
    }
}
