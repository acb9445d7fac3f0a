using ForkGuard.Api;

namespace ForkGuard.Policy.Restarting;

/// <summary>The ledger of one watch, with the watch's name as people read it.</summary>
public sealed record LedgerPage(string Watch, IReadOnlyList<OwnerRecord> Owners);

/// <summary>Reads the ledgers of all watches.</summary>
public static class LedgerSurvey
{
    /// <summary>What the ledgers say about a restart of this pod by this watch.</summary>
    /// <param name="pages">The ledgers of all watches.</param>
    /// <param name="watch">The watch that wants the restart, as its page names it.</param>
    /// <param name="owner">The pod's owner; null for a pod without one.</param>
    /// <param name="podUid">A restart of this very pod that was decided and not yet accepted does not count against itself.</param>
    /// <param name="node">The pod's node.</param>
    /// <param name="dryRun">A dry run keeps the rate of a real restart, and hinders none.</param>
    /// <param name="now">The time.</param>
    public static LedgerFacts Of(
        IReadOnlyCollection<LedgerPage> pages,
        string watch,
        OwnerFacts? owner,
        string podUid,
        string node,
        bool dryRun,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(pages);
        var open = pages
            .SelectMany(page => page.Owners.Select(record => (page.Watch, record.Restart)))
            .Where(entry => entry.Restart is { } restart && !IsOwn(restart, podUid))
            .ToList();
        var ofOwner = owner is null
            ? []
            : pages
                .Select(page => (page.Watch, Record: OwnerLedger.Find(page.Owners, owner)))
                .Where(entry => entry.Record is not null)
                .ToList();
        var last = ofOwner
            .Select(entry => (entry.Watch, Time: LastOf(entry.Record!, podUid, dryRun)))
            .Where(entry => entry.Time is not null)
            .OrderByDescending(entry => entry.Time)
            .FirstOrDefault();
        var own = pages.FirstOrDefault(page => string.Equals(page.Watch, watch, StringComparison.Ordinal));
        return new LedgerFacts
        {
            LastRestart = last.Time,
            LastRestartBy = last.Watch,
            Ineffective = ofOwner.Sum(entry => OwnerLedger.Ineffective(entry.Record!, now)),
            OpenOfWatch = open.Count(entry => string.Equals(entry.Watch, watch, StringComparison.Ordinal)),
            OpenOnNode = open.Count(entry => string.Equals(entry.Restart!.Node, node, StringComparison.Ordinal)),
            StartedLately = pages
                .SelectMany(page => page.Owners)
                .Count(record =>
                    LastOf(record, podUid, dryRun: false) is { } time && now - time < RestartBudget.Window
                ),
            IsFull = owner is not null && own is not null && OwnerLedger.IsFull(own.Owners, owner),
        };
    }

    private static DateTimeOffset? LastOf(OwnerRecord record, string podUid, bool dryRun)
    {
        var decided = record.Restart is { } restart && !IsOwn(restart, podUid) ? restart.Time : (DateTimeOffset?)null;
        var real = Later(record.LastRestartTime, decided);
        return dryRun ? Later(real, record.LastDryRunTime) : real;
    }

    private static bool IsOwn(RestartIntent restart, string podUid) =>
        restart.AcceptedTime is null && string.Equals(restart.Pod.Uid, podUid, StringComparison.Ordinal);

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b ?? a : a;
}
