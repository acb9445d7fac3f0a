using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Judging;

/// <summary>Restores the targets of a watch from its status after a change of leader.</summary>
internal static class TargetMemory
{
    /// <summary>
    /// The targets that were announced at risk, so that they are not announced again and their recovery is. Holds start again,
    /// but not that of a restart that was decided and not carried out: the next reading may confirm it at once.
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
                Process = IsOfNode(target) ? null : ProcessOf(target),
                Constraint = new ConstraintReport { Type = target.Constraint, Percent = target.Percent },
                OvercommitMode = 0,
                SeenTime = null,
                Memory = new RiskMemory
                {
                    EvaluatedTime = now,
                    EvidenceTime = now,
                    Announced = level,
                    AtRisk = isImpossible ? null : emitted,
                    Impossible = isImpossible ? emitted : null,
                    ActSince = DecidedTime(status!, target),
                },
                Level = level,
                Action = TargetBoard.NoAction,
                Since = target.Since,
            };
        }
    }

    private static bool IsOfNode(WatchTarget target) => target is { Pod: null, SystemdUnit: null, Command: null or "" };

    private static ProcessReport ProcessOf(WatchTarget target) =>
        new()
        {
            Command = target.Command ?? "",
            Pod = target.Pod,
            Container = target.Container is { } name ? new ContainerReference { Name = name } : null,
            SystemdUnit = target.SystemdUnit,
            Verdict = target.Verdict,
        };

    private static DateTimeOffset? DecidedTime(WatchStatus status, WatchTarget target) =>
        target.Pod?.Uid is not { } podUid
            ? null
            : status
                .Owners?.Select(owner => owner.Restart)
                .FirstOrDefault(restart =>
                    restart is { AcceptedTime: null }
                    && restart.Constraint == target.Constraint
                    && string.Equals(restart.Pod.Uid, podUid, StringComparison.Ordinal)
                )
                ?.Time;
}
