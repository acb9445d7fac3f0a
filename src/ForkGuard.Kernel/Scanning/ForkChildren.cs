using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Tells what of the commit charge goes by itself: what fork children hold, such as the one with which a database saves.
/// A fork child is the only child of its process that still runs the program of its parent, and it is at most
/// an hour old: a server that keeps several, or one for long, makes its next fork on top of them.
/// </summary>
internal sealed class ForkChildren
{
    /// <summary>A save takes minutes; a child that is older is there to stay.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromHours(1);

    // USER_HZ, which the kernel shows ticks in whatever its own is (proc_pid_stat(5)); 100 but on alpha and ia64.
    private const ulong TicksPerSecond = 100;

    private readonly ProcRoot _proc;
    private readonly Dictionary<int, int> _indexes = [];
    private readonly Dictionary<int, int> _onlyChildren = [];

    // What all of the last scan hold, in bytes.
    private ulong _total;

    internal ForkChildren(ProcRoot proc) => _proc = proc;

    /// <summary>There was a scan that found nothing.</summary>
    internal void Forget()
    {
        _indexes.Clear();
        _onlyChildren.Clear();
        _total = 0;
    }

    /// <summary>Tells in each reading of one scan what the fork children among them hold. Reads at most two files.</summary>
    /// <param name="readings">By the rule of mode 2.</param>
    /// <param name="committed">What was committed when the scan began, in bytes.</param>
    internal void Mark(List<ProcessReading> readings, ulong committed)
    {
        Forget();
        Find(readings);
        foreach (var (parent, child) in _onlyChildren)
        {
            if (child >= 0)
            {
                var most = Math.Min(readings[_indexes[parent]].Assessment.Own, readings[child].Assessment.Own);
                _total = Saturating.Add(_total, most);
            }
        }

        // One that ended since the scan began is in what was committed then, and is found no more.
        var less = readings.Exists(IsRefused) && TryReadCommitted(out var now) && now < committed ? committed - now : 0;
        for (var i = 0; i < readings.Count; i++)
        {
            readings[i] = WithShare(readings[i], less);
        }
    }

    /// <summary>The same in a reading that was taken after the last scan.</summary>
    internal ProcessReading Mark(in ProcessReading reading) => WithShare(reading, less: 0);

    private ProcessReading WithShare(in ProcessReading reading, ulong less)
    {
        if (reading.Assessment.Constraint != ForkConstraint.CommitCharge)
        {
            return reading;
        }

        var assessment = less > 0 ? AccountingRule.WithLessCommitted(reading.Assessment, less) : reading.Assessment;
        // What the process holds itself is committed too. By the rule of another mode not all of it is.
        var others = assessment.Used - assessment.Own;
        others -= assessment.IsBound ? 0 : Math.Min(others, assessment.Own);
        return reading with
        {
            Assessment = assessment,
            ForkChildren = Math.Min(_total, others),
            IsForkChild =
                _indexes.TryGetValue(reading.Pid, out var index)
                && _onlyChildren.TryGetValue(reading.Parent, out var only)
                && only == index,
        };
    }

    private void Find(List<ProcessReading> readings)
    {
        for (var i = 0; i < readings.Count; i++)
        {
            _indexes[readings[i].Pid] = i;
        }

        var youngest = YoungestToCount();
        for (var i = 0; i < readings.Count; i++)
        {
            var child = readings[i];
            if (
                child.StartStack != 0
                && _indexes.TryGetValue(child.Parent, out var parent)
                && readings[parent].StartStack == child.StartStack
            )
            {
                var isOnly = _onlyChildren.TryAdd(child.Parent, child.StartTime >= youngest ? i : -1);
                _onlyChildren[child.Parent] = isOnly ? _onlyChildren[child.Parent] : -1;
            }
        }
    }

    /// <summary>The start time from which on a child is young enough; 0 where the uptime cannot be read.</summary>
    private ulong YoungestToCount()
    {
        Span<byte> buffer = stackalloc byte[64];
        var oldest = (ulong)Oldest.TotalSeconds * TicksPerSecond;
        return
            _proc.TryRead("uptime"u8, buffer, out var text) == ReadStatus.Ok
            && Ascii.TryTakeNumber(ref text, out var seconds)
            && seconds * TicksPerSecond > oldest
            ? (seconds * TicksPerSecond) - oldest
            : 0;
    }

    private bool TryReadCommitted(out ulong bytes)
    {
        Span<byte> buffer = stackalloc byte[4096];
        var isRead =
            _proc.TryRead("meminfo"u8, buffer, out var text) == ReadStatus.Ok & Meminfo.TryParse(text, out var memory);
        bytes = memory.Committed;
        return isRead;
    }

    private static bool IsRefused(ProcessReading reading) =>
        reading.Assessment is { Constraint: ForkConstraint.CommitCharge, Verdict: ForkVerdict.CannotFork };
}
