using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>Conditions of a record: InProgress, and Helped for the last restart.</summary>
internal static class RecordConditions
{
    private const string InProgressType = "InProgress";
    private const string HelpedType = "Helped";

    internal static ForkRestartStatus InProgress(ForkRestartStatus record, string message, DateTimeOffset now) =>
        With(record, InProgressType, "True", record.State!.Value.Text, message, now);

    internal static string? InProgressReason(ForkRestartStatus record) =>
        record.Conditions?.FirstOrDefault(condition => condition.Type == InProgressType)?.Reason;

    internal static ForkRestartStatus Over(
        ForkRestartStatus record,
        string reason,
        string message,
        DateTimeOffset now
    ) => With(record, InProgressType, "False", reason, message, now);

    internal static ForkRestartStatus Ended(
        ForkRestartStatus record,
        RestartResult result,
        string message,
        DateTimeOffset now
    )
    {
        var helped = result switch
        {
            RestartResult.Helped => "True",
            RestartResult.DidNotHelp or RestartResult.NotReplaced => "False",
            _ => "Unknown",
        };
        var over = Over(record, result.ToString(), message, now);
        return With(over, HelpedType, helped, result.ToString(), message, now);
    }

    private static ForkRestartStatus With(
        ForkRestartStatus record,
        string type,
        string status,
        string reason,
        string message,
        DateTimeOffset now
    )
    {
        var before = record.Conditions?.FirstOrDefault(condition => condition.Type == type);
        var condition = new Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastTransitionTime =
                before?.Status == status
                    ? before.LastTransitionTime
                    // As metav1.Time has it.
                    : DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
        };
        return record with
        {
            Conditions = [.. (record.Conditions ?? []).Where(other => other.Type != type), condition],
        };
    }
}
