using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Evaluation;

/// <summary>Keeps the targets of a watch in its status, and restores them from there after a change of leader.</summary>
internal static class TargetMemory
{
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
            // What was announced: the next controller takes it over from here.
            Verdict = state.Level == RiskLevel.Impossible ? Verdict.CannotFork : Verdict.CanFork,
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
            var isImpossible = target.Verdict == Verdict.CannotFork;
            var emitted = new LastEmitted(now, 1);
            var level = isImpossible ? RiskLevel.Impossible : RiskLevel.AtRisk;
            yield return new TargetState
            {
                Target = Target.Of(target),
                Node = target.Node ?? "",
                Pod = target.Pod,
                Process = ProcessOf(target),
                Constraint = ConstraintOf(target),
                OvercommitMode = 0,
                SeenTimestamp = null,
                Memory = new RiskMemory
                {
                    EvaluatedTime = now,
                    EvidenceTime = now,
                    Announced = level,
                    AtRisk = isImpossible ? null : emitted,
                    Impossible = isImpossible ? emitted : null,
                },
                Level = level,
                Action = TargetTracker.NoAction,
                Since = target.Since,
            };
        }
    }

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
