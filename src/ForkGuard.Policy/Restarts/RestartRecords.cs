using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>Reads the record of a workload.</summary>
public static class RestartRecords
{
    /// <summary>Restarts of one workload within a day, over all watches.</summary>
    public const int MaxPerDay = 24;

    /// <summary>Pods of a workload that a record can list.</summary>
    public const int MaxSiblings = 5000;

    internal const int MaxHistory = 48;
    private const int SupersededThatCount = 3;

    /// <summary>The longest cooldown that a watch can have.</summary>
    internal static readonly TimeSpan MaxCooldown = TimeSpan.FromSeconds(RestartSpec.MaxCooldownSeconds);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan FailedCallPause = TimeSpan.FromMinutes(1);

    /// <summary>The state; null for one of a later version.</summary>
    public static RestartState? StateOf(ForkRestartStatus? record) =>
        record?.State is { } state ? state.Known : RestartState.Idle;

    /// <summary>
    /// The restart in progress is that of the request: of the same pod, for the same watch and generation. The permission of
    /// one watch is none to carry out what another one asked for.
    /// </summary>
    internal static bool IsOf(ForkRestartStatus? record, RestartRequest request) =>
        StateOf(record) is not (null or RestartState.Idle)
        && record?.Restart is { } run
        && string.Equals(run.Pod.Uid, request.Pod.Uid, StringComparison.Ordinal)
        && string.Equals(run.Watch.Uid, request.Watch.Uid, StringComparison.Ordinal)
        && run.Watch.Generation == request.Watch.Generation;

    /// <summary>The restart holds budget.</summary>
    public static bool HoldsBudget(ForkRestartStatus? record) =>
        StateOf(record) is RestartState.Decided or RestartState.Called or RestartState.Replacing;

    /// <summary>The API server refused the restart that ended last, and not only an earlier one.</summary>
    public static bool WasRefused(ForkRestartStatus record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return RecordConditions.InProgressReason(record) == nameof(RestartResult.Refused);
    }

    /// <summary>Restarts within the last day, the one in progress included.</summary>
    public static int InLastDay(ForkRestartStatus? record, DateTimeOffset now) =>
        (record?.History?.Count(past => now - past.DecidedTime < Day) ?? 0)
        + (record?.Restart is { CalledTime: not null } ? 1 : 0);

    /// <summary>Restarts within the last day that did not help; three in a row that were superseded count as one.</summary>
    public static int IneffectiveInLastDay(ForkRestartStatus? record, DateTimeOffset now)
    {
        var count = 0;
        var superseded = 0;
        foreach (var past in (record?.History ?? []).Where(past => now - past.EndedTime < Day).Reverse())
        {
            superseded = past.Result == RestartResult.Superseded ? superseded + 1 : 0;
            if (past.Result == RestartResult.DidNotHelp || superseded == SupersededThatCount)
            {
                count++;
                superseded = 0;
            }
        }

        return count;
    }

    /// <summary>The restarts of the workload that failed.</summary>
    public static IEnumerable<RestartFailure> Failures(ForkRestartStatus? record) =>
        from past in record?.History ?? []
        where past.Result == RestartResult.DidNotHelp || past.Result == RestartResult.NotReplaced
        select new RestartFailure(past.EndedTime, StateOf(record) is null);

    /// <summary>
    /// The cooldown in force: the one that was decided, or a longer one of a watch that selects the workload now. Null without
    /// an earlier restart.
    /// </summary>
    internal static RestartCooldown? Cooldown(ForkRestartStatus? record, RestartRequest request) =>
        record?.Cooldown is not { } decided ? null
        : decided.Until - decided.Since >= request.Cooldown ? decided
        : decided with { Until = After(decided.Since, request.Cooldown), Watch = request.CooldownWatch };

    /// <summary>
    /// When the pod of a request may be restarted although the cooldown lasts: the last call for it failed, and another one for
    /// the same uid restarts nothing twice. At once after the first such call, and after a pause that doubles with each one that
    /// follows. Null for another pod, and for one whose call did not fail.
    /// </summary>
    internal static DateTimeOffset? RepeatedFrom(
        ForkRestartStatus? record,
        RestartCooldown cooldown,
        RestartRequest request
    )
    {
        var failed = (record?.History ?? [])
            .TakeWhile(past =>
                past.Result == RestartResult.CallFailed
                && past.Pod.Uid is { } uid
                && string.Equals(uid, request.Pod.Uid, StringComparison.Ordinal)
            )
            .ToList();

        // A longer cooldown, or one that began later, may be that of another restart.
        return failed is not [{ EndedTime: var ended }, ..] || cooldown != record!.Cooldown || cooldown.Since > ended
                ? null
            : failed.Count == 1 ? ended
            : After(ended, FailedCallPause * Math.Pow(2, Math.Min(failed.Count - 2, MaxHistory / 2)));
    }

    // A gate may read a record before its future times are corrected.
    private static DateTimeOffset After(DateTimeOffset time, TimeSpan wait) =>
        time <= DateTimeOffset.MaxValue - wait ? time + wait : DateTimeOffset.MaxValue;

    /// <summary>When a record without a restart in progress decides nothing any more, whatever watch selects the workload by then.</summary>
    internal static DateTimeOffset RemovableFrom(ForkRestartStatus record, DateTimeOffset created)
    {
        DateTimeOffset[] ends =
        [
            created + Day,
            record.Cooldown?.Until ?? created,
            record.Cooldown?.Since + MaxCooldown ?? created,
            .. (record.History ?? []).Select(past => past.EndedTime + MaxCooldown),
        ];
        return ends.Max();
    }

    // At most 24 restarts a day are done, so that none of the last day is cut.
    internal static IReadOnlyList<PastRestart> With(IReadOnlyList<PastRestart>? history, PastRestart past) =>
        [past, .. (history ?? []).Take(MaxHistory - 1)];
}
