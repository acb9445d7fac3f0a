using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>Where the numbers of a reading come from, from the cheapest to the surest.</summary>
public enum ReadingSource
{
    /// <summary>Only total_vm: a bound.</summary>
    Statm,

    /// <summary>The private mappings: a bound.</summary>
    Maps,

    /// <summary>The kernel's own flags.</summary>
    Smaps,
}

/// <summary>One process, read once.</summary>
public readonly record struct ProcessReading
{
    public int Pid { get; init; }

    /// <summary>Clock ticks since boot: with the pid, the identity of a process.</summary>
    public ulong StartTime { get; init; }

    /// <summary>The kernel's name of the process, decoded as UTF-8; it may hold any character.</summary>
    public string Command { get; init; }

    /// <summary>
    /// Ok, or why there is no better answer than this one. Gone and NoAddressSpace come with a verdict that is not to be
    /// used and <see cref="Verdict.NotApplicable"/> respectively.
    /// </summary>
    public ReadStatus Status { get; init; }

    public Assessment Assessment { get; init; }

    /// <summary>
    /// CommitCharge: bytes of <see cref="Assessment.Used"/> that go, at most, when the fork children of this machine end
    /// that the scan gave; see the class of the same name. 0 for a look at one process alone.
    /// </summary>
    public ulong ForkChildren { get; init; }

    /// <summary>It is such a child itself.</summary>
    public bool IsForkChild { get; init; }

    /// <summary>The parent's pid; 0 without one.</summary>
    internal int Parent { get; init; }

    /// <summary>As <see cref="ProcessStat.StartStack"/>.</summary>
    internal ulong StartStack { get; init; }

    public ReadingSource Source { get; init; }

    /// <summary>When the flags were read, which for a kept answer is before the scan that carries it.</summary>
    public DateTimeOffset MeasuredTime { get; init; }

    /// <summary>The flags come from an earlier scan; ranges and permissions are of this one.</summary>
    public bool IsKept { get; init; }

    /// <summary>The largest accountable mapping; zero bytes long if there is none or it was not looked for.</summary>
    public MappingRange Mapping { get; init; }

    /// <summary>
    /// <see cref="Assessment.Percent"/> where the kernel's own flags stand behind it. Null
    /// for an upper bound and a failed read: neither is a ratio.
    /// </summary>
    public int? MeasuredPercent =>
        Status == ReadStatus.Ok && !Assessment.IsBound && Assessment.Constraint != null ? Assessment.Percent : null;

    /// <summary>The part of the usage that this process holds itself, in bytes.</summary>
    public ulong Weight => Assessment.Constraint == ConstraintType.CommitCharge ? Assessment.Own : Assessment.Used;
}

/// <summary>A mapping by its addresses, and its name as /proc escapes it (empty: anonymous).</summary>
public readonly record struct MappingRange(ulong Start, ulong End, string Name, bool IsWritable)
{
    public ulong Bytes => End - Start;
}
