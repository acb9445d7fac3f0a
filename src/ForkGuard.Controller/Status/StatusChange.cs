using System.Text.Json;
using ForkGuard.Api;

namespace ForkGuard.Controller.Status;

/// <summary>Distinguishes a status that changed from one whose percentages only moved a little.</summary>
internal static class StatusChange
{
    private const int PointsThatMatter = 5;

    /// <summary>Anything but a percentage changed, or one moved by 5 points.</summary>
    internal static bool IsWorthWriting(WatchStatus? before, WatchStatus after)
    {
        if (before is null || Math.Abs((before.WorstPercent ?? 0) - (after.WorstPercent ?? 0)) >= PointsThatMatter)
        {
            return true;
        }

        return !string.Equals(WithoutNumbers(before), WithoutNumbers(after), StringComparison.Ordinal);
    }

    private static string WithoutNumbers(WatchStatus status) =>
        JsonSerializer.Serialize(
            status with
            {
                WorstPercent = null,
                Targets = [.. (status.Targets ?? []).Select(target => target with { Percent = 0 })],
                Conditions = [.. (status.Conditions ?? []).Select(condition => condition with { Message = null })],
            },
            ApiJson.Default.WatchStatus
        );
}
