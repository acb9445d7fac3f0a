using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Risk;

/// <summary>The thresholds of one watch with every default filled in. Percentages are of the binding limit, 0 to 100.</summary>
public sealed record WatchRule
{
    /// <summary>The watch's name, for output only.</summary>
    public required string Name { get; init; }

    /// <summary>Warn from this percentage on.</summary>
    public required int WarnAtPercent { get; init; }

    /// <summary>Act from this percentage on; never below <see cref="WarnAtPercent"/>.</summary>
    public required int ActAtPercent { get; init; }

    /// <summary>Recovered below this percentage.</summary>
    public required int ClearBelowPercent { get; init; }

    /// <summary>How long a condition must last before it counts; zero counts at once.</summary>
    public required TimeSpan Hold { get; init; }

    /// <summary>Warn also when growth reaches the limit within this time; null means no forecast.</summary>
    public TimeSpan? Forecast { get; init; }

    /// <summary>Anything but <see cref="EvaluationMode.Actual"/> is a what-if: it is announced and never leads to action.</summary>
    public required EvaluationMode EvaluateAs { get; init; }

    /// <summary>Types that the watch names; null means all.</summary>
    public IReadOnlyList<ConstraintType>? Constraints { get; init; }

    public required WatchAction Action { get; init; }
    public required bool Paused { get; init; }
    public required bool DryRun { get; init; }

    /// <summary>CopyOnWrite counts also for processes that were not seen to save by forking.</summary>
    public bool NamesCopyOnWrite => Constraints?.Contains(ConstraintType.CopyOnWrite) == true;

    /// <summary>The watch evaluates constraints of the type.</summary>
    public bool Evaluates(ConstraintType type) => Constraints?.Contains(type) != false;

    /// <summary>
    /// The watch evaluates the constraint. A type of a later version counts where the watch names none; CopyOnWrite that the
    /// watch does not name counts only for a program that was seen to save by forking.
    /// </summary>
    /// <param name="process">The process; null for a constraint that the whole node shares.</param>
    /// <param name="constraint">A constraint of it.</param>
    public bool Evaluates(ProcessReport? process, ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        return constraint.Type.Known is not { } type ? Constraints is null
            : type == ConstraintType.CopyOnWrite && Constraints is null
                ? process?.Snapshot is { LearnedPeakBytes: not null } or { ChildPid: not null }
            : Evaluates(type);
    }

    /// <summary>The rank of a reading under the watch; the greater one is worse.</summary>
    public (Urgency Urgency, int Percent) RankOf(ConstraintReport constraint) =>
        RiskRank.Of(constraint, WarnAtPercent, Forecast);

    /// <summary>The rule of a watch whose spec has passed the validator.</summary>
    public static WatchRule From(string name, WatchSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var warn = spec.WarnAtPercent ?? WatchDefaults.WarnAtPercent;
        return new WatchRule
        {
            Name = name,
            WarnAtPercent = warn,
            // The default action level may lie below a warning level that the watch raised.
            ActAtPercent = Math.Max(warn, spec.ActAtPercent ?? WatchDefaults.ActAtPercent),
            ClearBelowPercent = spec.ClearBelowPercent ?? WatchDefaults.ClearBelow(warn),
            Hold = TimeSpan.FromSeconds(spec.HoldSeconds ?? WatchDefaults.HoldSeconds),
            Forecast = spec.ForecastSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            EvaluateAs = spec.EvaluateAs ?? WatchDefaults.EvaluateAs,
            Constraints = spec.Constraints is { Count: > 0 } named ? named : null,
            Action = spec.Action ?? WatchDefaults.Action,
            Paused = spec.Paused ?? false,
            DryRun = spec.Restart?.DryRun ?? false,
        };
    }
}
