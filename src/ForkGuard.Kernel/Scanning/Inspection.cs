using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>The question that a look at a process answers: by which rule, and from which percentage of the limit it matters.</summary>
internal readonly struct Inspection
{
    private readonly ulong _unreportedBytes;

    internal Inspection(in KernelState state, OvercommitMode mode, ScanLevels levels, DateTimeOffset now)
    {
        State = state;
        Mode = mode;
        Levels = levels;
        Now = now;
        CandidateBytes = state.PageSize;
        if (mode == OvercommitMode.Heuristic && AccountingRule.LimitOf(state, mode) is { } limit)
        {
            var bytes = (((UInt128)limit * (uint)Math.Max(levels.WarningPercent, 0)) + 99) / 100;
            CandidateBytes = Math.Max(state.PageSize, (ulong)UInt128.Min(bytes, ulong.MaxValue));
        }

        _unreportedBytes = AccountingRule.BytesBelow(state, mode, levels.ReportPercent);
    }

    internal KernelState State { get; }
    internal OvercommitMode Mode { get; }
    internal ScanLevels Levels { get; }
    internal DateTimeOffset Now { get; }

    /// <summary>
    /// Private mappings from this size on are looked up: in mode 0 those that could reach the warning level, in mode 2 each.
    /// </summary>
    internal ulong CandidateBytes { get; }

    /// <summary>No mapping that is larger can be charged.</summary>
    internal ulong MaxChargedBytes { get; private init; } = ulong.MaxValue;

    /// <summary>No answer of an earlier scan will do.</summary>
    internal bool MustBeFresh { get; private init; }

    /// <summary>A single process was asked for, and is answered however small it is.</summary>
    internal bool IsForOne { get; private init; }

    /// <summary>Strict mode ignores MAP_NORESERVE; under another mode the flags do not show that.</summary>
    internal bool CountsNoReserve => Mode == OvercommitMode.Strict && State.Mode != OvercommitMode.Strict;

    /// <summary>A look at one process that is answered in any case, and by smaps from the level on.</summary>
    internal static Inspection OfOne(in KernelState state, OvercommitMode mode, int levelPercent, DateTimeOffset now) =>
        new(state, mode, ScanLevels.At(levelPercent), now) { MustBeFresh = true, IsForOne = true };

    /// <summary>
    /// The same question with what Committed_AS proves: it holds every charge, so a mapping of more than that is not
    /// charged. Twice as much, since the process may have grown after the figure was read.
    /// </summary>
    internal Inspection WithCommitted() =>
        // 0 is a capture without the figure. The charge of strict mode for MAP_NORESERVE is not in it either.
        State.Committed == 0
        || CountsNoReserve
            ? this
            : this with
            {
                MaxChargedBytes = Saturating.Multiply(2, Saturating.Add(State.Committed, State.CommitError)),
            };

    /// <summary>A look at any process, whatever its size, that may use answers of earlier scans.</summary>
    internal Inspection OfAnySize() => this with { IsForOne = true };

    /// <summary>The size of the process alone shows that it is below the report level. False where only its mappings can show it.</summary>
    internal bool IsUnreported(ReadStatus status, in ProcessSize size) =>
        !IsForOne && status is ReadStatus.Ok or ReadStatus.Gone && size.Total * State.PageSize < _unreportedBytes;

    /// <summary>The charge reaches the report level.</summary>
    internal bool IsReported(in ProcessCharge charge) =>
        IsForOne || AccountingRule.Evaluate(State, Mode, charge).Percent >= Levels.ReportPercent;

    /// <summary>The charge reaches the warning level.</summary>
    internal bool IsAtWarning(in ProcessCharge charge) =>
        AccountingRule.Evaluate(State, Mode, charge).Percent >= Levels.WarningPercent;

    /// <summary>A process that held all that is committed on this machine would be below the level, so every process is.</summary>
    internal bool SkipsAll()
    {
        if (State.Committed == 0 || CountsNoReserve)
        {
            return false;
        }

        var most = Saturating.Add(State.Committed, State.CommitError);
        return !IsReported(
            new ProcessCharge
            {
                Largest = most,
                Sum = most,
                TotalVm = ulong.MaxValue,
                IsBound = true,
            }
        );
    }

    /// <summary>The bound of statm is not enough, and maps may give a better one.</summary>
    internal bool NeedsMaps(in ProcessCharge bound) => Mode != OvercommitMode.Strict || NeedsSmaps(bound);

    /// <summary>A bound is not enough: what it hides could change the verdict, or the process could reach the warning level.</summary>
    internal bool NeedsSmaps(in ProcessCharge bound)
    {
        if (MustBeFresh && (Mode == OvercommitMode.Strict || Levels.WarningPercent == 0))
        {
            return true;
        }

        var most = AccountingRule.Evaluate(State, Mode, bound);
        if (Mode != OvercommitMode.Strict)
        {
            return most.Percent >= Levels.WarningPercent;
        }

        // Committed_AS alone may be above the level; then only a process with a large part of it differs from the node.
        var least = AccountingRule.Evaluate(State, Mode, bound with { Sum = State.PageSize, HasSysAdmin = true });
        return most.Verdict != least.Verdict
            || (
                most.Percent >= Levels.WarningPercent
                && (
                    least.Percent < Levels.WarningPercent
                    || AccountingRule.Percent(bound.Sum, most.Limit, most.Constraint) >= Levels.ReportPercent
                )
            );
    }
}

/// <summary>How many of the dearer files were read for one process.</summary>
internal struct InspectionCost
{
    internal int MapsReads;
    internal int SmapsReads;
}
