using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>The ledger of restarts in a watch's status: each change gives a new list, and the old one stays as it was.</summary>
public static class OwnerLedger
{
    /// <summary>Entries that a status holds.</summary>
    public const int MaxOwners = 100;

    private const int MaxTimes = 100;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>The entry of an owner; null if there is none.</summary>
    public static OwnerRecord? Find(IReadOnlyList<OwnerRecord> owners, OwnerFacts owner) =>
        owners.FirstOrDefault(record => IsOf(record, owner.Kind, owner.Namespace, owner.Name));

    /// <summary>No entry of this owner, and no room for one.</summary>
    public static bool IsFull(IReadOnlyList<OwnerRecord> owners, OwnerFacts owner) =>
        owners.Count >= MaxOwners && Find(owners, owner) is null;

    /// <summary>A restart was decided.</summary>
    public static IReadOnlyList<OwnerRecord> Decided(
        IReadOnlyList<OwnerRecord> owners,
        OwnerFacts owner,
        RestartIntent intent
    ) => With(owners, (Find(owners, owner) ?? Blank(owner)) with { Restart = intent });

    /// <summary>The API server accepted the restart that was decided.</summary>
    public static IReadOnlyList<OwnerRecord> Accepted(
        IReadOnlyList<OwnerRecord> owners,
        OwnerRecord record,
        DateTimeOffset now
    ) =>
        With(
            owners,
            record with
            {
                LastRestartTime = now,
                RestartTimes = OfLastDay([.. record.RestartTimes ?? [], now], now),
                IneffectiveTimes = OfLastDay(record.IneffectiveTimes, now),
                Restart = record.Restart! with { AcceptedTime = now },
            }
        );

    /// <summary>The restart is over.</summary>
    public static IReadOnlyList<OwnerRecord> Over(
        IReadOnlyList<OwnerRecord> owners,
        OwnerRecord record,
        bool helped,
        DateTimeOffset now
    )
    {
        IReadOnlyList<DateTimeOffset> times = record.IneffectiveTimes ?? [];
        return With(
            owners,
            record with
            {
                RestartTimes = OfLastDay(record.RestartTimes, now),
                IneffectiveTimes = OfLastDay(helped ? times : [.. times, now], now),
                Restart = null,
            }
        );
    }

    /// <summary>The restart that was decided is not carried out.</summary>
    public static IReadOnlyList<OwnerRecord> Withdrawn(IReadOnlyList<OwnerRecord> owners, OwnerRecord record) =>
        record is { LastRestartTime: null, LastDryRunTime: null }
            ? [.. owners.Where(other => !IsSame(other, record))]
            : With(owners, record with { Restart = null });

    /// <summary>A dry run said that it would have restarted the owner.</summary>
    public static IReadOnlyList<OwnerRecord> DryRun(
        IReadOnlyList<OwnerRecord> owners,
        OwnerFacts owner,
        DateTimeOffset now
    ) => With(owners, (Find(owners, owner) ?? Blank(owner)) with { LastDryRunTime = now });

    /// <summary>Without the entries that decide nothing any more: older than a day and than the cooldown, with no restart under way.</summary>
    /// <param name="owners">The ledger.</param>
    /// <param name="cooldown">The longest of all watches, since each reads the ledgers of all.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<OwnerRecord> Pruned(
        IReadOnlyList<OwnerRecord> owners,
        TimeSpan cooldown,
        DateTimeOffset now
    )
    {
        var keep = cooldown > Day ? cooldown : Day;
        return
        [
            .. owners.Where(record =>
                record.Restart is not null
                || now - (record.LastRestartTime ?? DateTimeOffset.MinValue) < keep
                || now - (record.LastDryRunTime ?? DateTimeOffset.MinValue) < keep
                || Ineffective(record, now) > 0
            ),
        ];
    }

    /// <summary>Restarts within the day that did not help.</summary>
    public static int Ineffective(OwnerRecord record, DateTimeOffset now) =>
        OfLastDay(record.IneffectiveTimes, now)?.Length ?? 0;

    /// <summary>Restarts of the owner that were decided within the window and not withdrawn.</summary>
    internal static int Started(OwnerRecord record, TimeSpan window, DateTimeOffset now)
    {
        var accepted = record.RestartTimes?.Count(time => now - time < window) ?? 0;
        return record.Restart is { AcceptedTime: null, Time: var decided } && now - decided < window
            ? accepted + 1
            : accepted;
    }

    internal static bool IsOf(OwnerRecord record, string kind, string space, string name) =>
        string.Equals(record.Kind, kind, StringComparison.Ordinal)
        && string.Equals(record.Namespace, space, StringComparison.Ordinal)
        && string.Equals(record.Name, name, StringComparison.Ordinal);

    private static bool IsSame(OwnerRecord a, OwnerRecord b) => IsOf(a, b.Kind, b.Namespace, b.Name);

    private static OwnerRecord Blank(OwnerFacts owner) =>
        new()
        {
            Kind = owner.Kind,
            Namespace = owner.Namespace,
            Name = owner.Name,
        };

    /// <summary>The newest times of the last day; null if there are none.</summary>
    private static DateTimeOffset[]? OfLastDay(IReadOnlyList<DateTimeOffset>? times, DateTimeOffset now)
    {
        DateTimeOffset[] recent = [.. (times ?? []).Where(time => now - time < Day).TakeLast(MaxTimes)];
        return recent.Length == 0 ? null : recent;
    }

    private static IReadOnlyList<OwnerRecord> With(IReadOnlyList<OwnerRecord> owners, OwnerRecord record) =>
        [.. owners.Where(other => !IsSame(other, record)), record];
}
