using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Controller.Judging;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarting;

/// <summary>What speaks against a restart: the evidence, the gates, and a trial of the eviction.</summary>
internal sealed class RestartCheck(
    PodFactsReader pods,
    PodRemover remover,
    Ledgers ledgers,
    NodeReadings readings,
    RestartOptions options,
    Func<LeaderTerm?> term,
    TimeProvider time
)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _blockedUntil = new(StringComparer.Ordinal);

    /// <summary>
    /// The pod as it is now, null if it is gone, and what speaks against its restart, the most telling first. A pod without
    /// any veto is there and has an owner.
    /// </summary>
    internal async Task<(PodNow? Pod, IReadOnlyList<Veto> Vetoes)> VetoesAsync(
        Watch watch,
        TargetState state,
        bool isDry,
        CancellationToken cancellationToken
    )
    {
        var reference = state.Pod!;
        var pod = await pods.ReadAsync(reference, cancellationToken);
        var facts = FactsOf(watch, state, pod?.Facts, isDry);
        List<Veto> vetoes =
        [
            .. state
                .Action.BlockedBy.Where(reason => reason != BlockReason.DryRun)
                .Select(reason => new Veto(reason, BlockText.Of(reason))),
            .. RestartGates.Vetoes(watch.Policy, facts, options.Budget, time.GetUtcNow()),
        ];
        if (vetoes.Count == 0 && watch.Policy.Method == RestartMethod.Evict)
        {
            var grace = watch.Policy.GracePeriodSeconds;
            vetoes.AddRange(Learn(reference, await remover.TryEvictAsync(reference, grace, cancellationToken)));
        }

        return isDry && vetoes is [{ Reason: BlockReason.Cooldown }] && WouldHaveBeen(watch, facts) is { } told
            ? (pod, [told])
            : (pod, vetoes);
    }

    /// <summary>What an answer of the API server speaks against.</summary>
    internal IReadOnlyList<Veto> Learn(PodReference pod, Removal removal)
    {
        switch (removal.Answer)
        {
            case RemovalAnswer.Blocked:
                _blockedUntil[pod.Uid ?? ""] = time.GetUtcNow() + removal.RetryAfter;
                return [new Veto(BlockReason.DisruptionBudget, removal.Message)];
            case RemovalAnswer.Superseded:
                return [new Veto(BlockReason.ReportMismatch, removal.Message)];
            case RemovalAnswer.Refused:
                return [new Veto(BlockReason.Refused, removal.Message)];
            default:
                _blockedUntil.TryRemove(pod.Uid ?? "", out _);
                return [];
        }
    }

    private RestartFacts FactsOf(Watch watch, TargetState state, PodFacts? pod, bool isDry)
    {
        var now = time.GetUtcNow();
        var uid = state.Pod!.Uid ?? "";
        var reading = readings.Of(state.Node);
        return new RestartFacts
        {
            IsLeader = term() is { IsCurrent: true },
            Report = new ReportFacts(
                uid,
                state.Node,
                // Of the report that named the process, which may not be the newest.
                state.SeenTime
                    ?? DateTimeOffset.MinValue,
                reading?.ScanInterval ?? TimeSpan.Zero
            ),
            Pod = pod,
            Ledger = LedgerSurvey.Of(ledgers.Pages, watch.Identity.ToString(), pod?.Owner, uid, state.Node, isDry, now),
            DisruptionBlockedUntil = _blockedUntil.TryGetValue(uid, out var until) ? until : null,
        };
    }

    /// <summary>The dry run that was told within the cooldown; null if it was a real restart that the cooldown is of.</summary>
    private Veto? WouldHaveBeen(Watch watch, RestartFacts facts) =>
        facts.Pod?.Owner is { } owner
        && OwnerLedger.Find(ledgers.Of(watch.Identity).Owners, owner) is { LastDryRunTime: { } told }
        && told == facts.Ledger.LastRestart
            ? new Veto(BlockReason.DryRun, $"would have been restarted at {told.UtcDateTime:HH:mm:ss} UTC")
            : null;
}
