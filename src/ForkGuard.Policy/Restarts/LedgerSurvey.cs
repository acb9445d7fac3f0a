using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>The ledger of one watch, with the watch's name as people read it.</summary>
public sealed record LedgerPage(string Watch, IReadOnlyList<OwnerRecord> Owners);

/// <summary>Reads the ledgers of all watches.</summary>
public static class LedgerSurvey
{
    /// <summary>What the ledgers say about a restart of this pod by this watch.</summary>
    /// <param name="pages">The ledgers of all watches.</param>
    /// <param name="watch">The watch that wants the restart, as its page names it.</param>
    /// <param name="owner">The pod's owner; null for a pod without one.</param>
    /// <param name="podUid">
    /// The pod. A restart of it that this watch decided and that is not yet accepted does not count against itself; that
    /// of another watch does, or one restart would stand in two ledgers.
    /// </param>
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
        var own = pages.FirstOrDefault(page => string.Equals(page.Watch, watch, StringComparison.Ordinal));
        var entries = pages
            .SelectMany(page => page.Owners.Select(record => new Entry(page.Watch, WithoutOwn(page, record))))
            .ToList();
        var open = entries.Where(entry => entry.Record.Restart is not null).ToList();
        var ofOwner = owner is null
            ? []
            : entries.Where(entry => OwnerLedger.IsOf(entry.Record, owner.Kind, owner.Namespace, owner.Name)).ToList();
        var last = ofOwner
            .Select(entry => (entry.Watch, Real: LastOf(entry.Record), Time: LastOf(entry.Record, dryRun)))
            .Where(entry => entry.Time is not null)
            .OrderByDescending(entry => entry.Time)
            .FirstOrDefault();
        return new LedgerFacts
        {
            LastRestart = last.Time,
            LastRestartBy = last.Watch,
            LastRestartWasDry = last.Time != last.Real,
            Ineffective = ofOwner.Sum(entry => OwnerLedger.Ineffective(entry.Record, now)),
            OpenOfOwner = ofOwner.Count(entry => entry.Record.Restart is not null),
            OpenOfWatch = open.Count(entry => string.Equals(entry.Watch, watch, StringComparison.Ordinal)),
            OpenOnNode = open.Count(entry => string.Equals(entry.Record.Restart!.Node, node, StringComparison.Ordinal)),
            StartedLately = entries.Sum(entry => OwnerLedger.Started(entry.Record, RestartBudget.Window, now)),
            IsFull = owner is not null && own is not null && OwnerLedger.IsFull(own.Owners, owner),
        };

        OwnerRecord WithoutOwn(LedgerPage page, OwnerRecord record) =>
            ReferenceEquals(page, own)
            && record.Restart is { AcceptedTime: null } restart
            && string.Equals(restart.Pod.Uid, podUid, StringComparison.Ordinal)
                ? record with
                {
                    Restart = null,
                }
                : record;
    }

    private static DateTimeOffset? LastOf(OwnerRecord record, bool dryRun = false)
    {
        var real = Later(record.LastRestartTime, record.Restart?.Time);
        return dryRun ? Later(real, record.LastDryRunTime) : real;
    }

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b ?? a : a;

    private sealed record Entry(string Watch, OwnerRecord Record);
}
