using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Evaluation;

/// <summary>Keeps the targets of a watch in its status, and restores them from there after a change of leader.</summary>
internal static class TargetMemory
{
    /// <summary>Targets in a status, of which a ForkWatch over hundreds of pods may have more.</summary>
    internal const int MaxTargets = 20;

    internal static WatchTarget StatusOf(TargetState state) =>
        new()
        {
            Node = state.Node,
            Pod = state.Pod,
            Container = state.Process?.Container?.Name,
            SystemdUnit = state.Process?.SystemdUnit,
            Command = state.Process?.Command,
            Constraint = state.Constraint.Type,
            Scope = state.Constraint.Scope is { Text.Length: > 0 } scope ? scope : null,
            ScopeName = state.Constraint.ScopeName,
            Verdict = VerdictOf(state),
            // The next controller takes it over from here.
            Emitted = EmittedOf(state)?.ToString(),
            Percent = state.Constraint.Percent,
            Since = state.Since,
        };

    /// <summary>
    /// The targets that were announced at risk, so that they are not announced again and their recovery is. Holds start again.
    /// </summary>
    internal static IEnumerable<TargetState> Restore(WatchStatus? status, DateTimeOffset now)
    {
        foreach (var target in status?.Targets ?? [])
        {
            var isImpossible = target.Emitted == nameof(RiskAnnouncementType.ForkImpossible);
            var level = isImpossible && target.Verdict != Verdict.CanFork ? RiskLevel.Impossible : RiskLevel.AtRisk;
            yield return new TargetState
            {
                Target = Target.Of(target),
                Node = target.Node ?? "",
                Pod = target.Pod,
                Process = ProcessOf(target),
                Constraint = ConstraintOf(target),
                OvercommitMode = 0,
                SeenTimestamp = null,
                Memory = Announced(isImpossible, now) with
                {
                    Announced = level,
                    IsEmitted = target.Emitted is not null,
                },
                Level = level,
                Action = TargetTracker.NoAction,
                Since = target.Since,
            };
        }
    }

    /// <summary>A target that an earlier controller announced, as a report has it.</summary>
    internal static TargetState Announced(Target target, TargetReading found, NodeReading reading, DateTimeOffset now)
    {
        var isImpossible = found.Constraint.Refuses == true;
        return new TargetState
        {
            Target = target,
            Node = reading.Node,
            Pod = found.Pod,
            Process = found.Process,
            Constraint = found.Constraint,
            OvercommitMode = reading.OvercommitMode,
            HasSwap = reading.HasSwap,
            SeenTimestamp = null,
            Memory = Announced(isImpossible, now),
            Level = isImpossible ? RiskLevel.Impossible : RiskLevel.AtRisk,
            Action = TargetTracker.NoAction,
            Since = now,
        };
    }

    private static RiskMemory Announced(bool isImpossible, DateTimeOffset now)
    {
        var emitted = new LastEmitted(now, 1);
        return new RiskMemory
        {
            EvaluatedTime = now,
            EvidenceTime = now,
            Announced = isImpossible ? RiskLevel.Impossible : RiskLevel.AtRisk,
            IsEmitted = true,
            AtRisk = isImpossible ? null : emitted,
            Impossible = isImpossible ? emitted : null,
        };
    }

    /// <summary>The status may name fewer targets than were announced.</summary>
    internal static bool IsCut(WatchStatus? status) => status?.Targets?.Count >= MaxTargets;

    // A constraint of the node has no process: the verdict is then that of the constraint.
    private static OpenEnum<Verdict> VerdictOf(TargetState state) =>
        state.Process is { } process ? process.Verdict
        : state.Constraint.Problem is not null ? Verdict.Unknown
        : state.Constraint.Refuses == true ? Verdict.CannotFork
        : Verdict.CanFork;

    private static RiskAnnouncementType? EmittedOf(TargetState state) =>
        !state.Memory.IsEmitted ? null
        : state.Memory.Impossible is { } impossible && !(state.Memory.AtRisk?.Time > impossible.Time)
            ? RiskAnnouncementType.ForkImpossible
        : state.Constraint.Type == ConstraintType.CopyOnWrite ? RiskAnnouncementType.ForkSnapshotAtRisk
        : RiskAnnouncementType.ForkAtRisk;

    /// <summary>The process as far as the status has it; null for a constraint that the whole node shares.</summary>
    internal static ProcessReport? ProcessOf(WatchTarget target) =>
        target is { Pod: null, SystemdUnit: null, Command: null or "" }
            ? null
            : new ProcessReport
            {
                Command = target.Command ?? "",
                Pod = target.Pod,
                Container = target.Container is { } name ? new ContainerReference { Name = name } : null,
                SystemdUnit = target.SystemdUnit,
                Verdict = target.Verdict,
            };

    /// <summary>The constraint as far as the status has it.</summary>
    internal static ConstraintReport ConstraintOf(WatchTarget target) =>
        new()
        {
            Type = target.Constraint,
            Scope = target.Scope ?? default,
            ScopeName = target.ScopeName,
            Percent = target.Percent,
        };
}
