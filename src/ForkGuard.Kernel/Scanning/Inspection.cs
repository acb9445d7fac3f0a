using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Kernel.Scanning;

/// <summary>What a look at a process asks: under which rule, and from which percentage of the limit on it matters.</summary>
internal readonly struct Inspection
{
    internal Inspection(in KernelState state, OvercommitMode mode, int levelPercent, DateTimeOffset now)
    {
        State = state;
        Mode = mode;
        LevelPercent = levelPercent;
        Now = now;
        CandidateBytes = state.PageSize;
        if (mode == OvercommitMode.Heuristic && AccountingRule.LimitOf(state, mode) is { } limit)
        {
            var bytes = (((UInt128)limit * (uint)levelPercent) + 99) / 100;
            CandidateBytes = Math.Max(state.PageSize, (ulong)UInt128.Min(bytes, ulong.MaxValue));
        }
    }

    internal KernelState State { get; }
    internal OvercommitMode Mode { get; }
    internal int LevelPercent { get; }
    internal DateTimeOffset Now { get; }

    /// <summary>Private mappings from this size on are looked up: in mode 0 only the largest matters, in mode 2 each.</summary>
    internal ulong CandidateBytes { get; }

    /// <summary>No answer of an earlier scan will do.</summary>
    internal bool MustBeFresh { get; private init; }

    /// <summary>A single process was asked for, and is answered however small it is.</summary>
    internal bool IsForOne { get; private init; }

    /// <summary>Strict mode ignores MAP_NORESERVE; under another mode the flags do not show that.</summary>
    internal bool CountsNoReserve => Mode == OvercommitMode.Strict && State.Mode != OvercommitMode.Strict;

    /// <summary>A look at one process that is answered in any case, and exactly from the level on.</summary>
    internal static Inspection OfOne(
        in KernelState state,
        OvercommitMode mode,
        int levelPercent,
        DateTimeOffset now,
        bool mustBeFresh = true
    ) => new(state, mode, levelPercent, now) { MustBeFresh = mustBeFresh, IsForOne = true };

    internal bool IsLoud(in ProcessCharge charge) =>
        IsForOne || AccountingRule.Judge(State, Mode, charge).Percent >= LevelPercent;

    /// <summary>A process that held all that is committed on this machine would be below the level, so every process is.</summary>
    internal bool ExcusesAll()
    {
        // 0 is a capture without the figure. What strict mode would charge for MAP_NORESERVE is not in it either.
        if (State.Committed == 0 || CountsNoReserve)
        {
            return false;
        }

        var most = Saturating.Add(State.Committed, State.CommitError);
        return !IsLoud(
            new ProcessCharge
            {
                Largest = most,
                Sum = most,
                TotalVm = ulong.MaxValue,
                IsBound = true,
            }
        );
    }

    /// <summary>A bound is not enough: what it hides could change the verdict or the percentage.</summary>
    internal bool NeedsMore(in ProcessCharge bound)
    {
        if (Mode != OvercommitMode.Strict || LevelPercent == 0)
        {
            return true;
        }

        var most = AccountingRule.Judge(State, Mode, bound);
        var least = AccountingRule.Judge(State, Mode, bound with { Sum = State.PageSize, HasSysAdmin = true });
        return most.Verdict != least.Verdict || most.Percent != least.Percent;
    }
}

/// <summary>How many of the dearer files were read for one process.</summary>
internal struct InspectionCost
{
    internal int MapsReads;
    internal int SmapsReads;
}
