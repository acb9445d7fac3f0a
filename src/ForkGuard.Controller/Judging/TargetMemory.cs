using ForkGuard.Api;
using ForkGuard.Policy;

namespace ForkGuard.Controller.Judging;

/// <summary>What a watch's status still tells about its targets after a change of leader.</summary>
internal static class TargetMemory
{
    private static readonly ActionDecision NoAction = new(Wanted: false, []);

    /// <summary>
    /// The targets that were announced at risk, so that they are not announced again and their recovery is told. Holds start
    /// anew, but not that of a restart that was decided and not carried out: the next reading may confirm it at once.
    /// </summary>
    internal static IEnumerable<TargetState> Restore(WatchStatus? status, DateTimeOffset now)
    {
        foreach (var target in status?.Targets ?? [])
        {
            var isImpossible = target.Verdict == Verdict.CannotFork;
            var said = new Utterance(now, 1);
            yield return new TargetState
            {
                Target = Target.Of(target),
                Node = target.Node ?? "",
                Pod = target.Pod,
                Process = new ProcessReport
                {
                    Command = target.Command ?? "",
                    Pod = target.Pod,
                    Container = target.Container is { } name ? new ContainerReference { Name = name } : null,
                    Unit = target.Unit,
                    Verdict = target.Verdict,
                    Percent = target.Percent,
                },
                OvercommitMode = 0,
                Memory = new RiskMemory
                {
                    JudgedTime = now,
                    EvidenceTime = now,
                    Announced = isImpossible ? RiskLevel.Impossible : RiskLevel.AtRisk,
                    AtRisk = isImpossible ? null : said,
                    Impossible = isImpossible ? said : null,
                    ActSince = DecidedTime(status!, target.Pod?.Uid),
                },
                Level = isImpossible ? RiskLevel.Impossible : RiskLevel.AtRisk,
                Action = NoAction,
                Since = target.Since,
            };
        }
    }

    private static DateTimeOffset? DecidedTime(WatchStatus status, string? podUid) =>
        podUid is null
            ? null
            : status
                .Owners?.Select(owner => owner.Restart)
                .FirstOrDefault(restart =>
                    restart is { AcceptedTime: null }
                    && string.Equals(restart.Pod.Uid, podUid, StringComparison.Ordinal)
                )
                ?.Time;
}
