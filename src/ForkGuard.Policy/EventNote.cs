using ForkGuard.Api;

namespace ForkGuard.Policy;

/// <summary>What an event tells beside its reason.</summary>
public static class EventNote
{
    /// <summary>Size, limit, mode, growth, time left and the remedy; for a recovery the numbers only.</summary>
    public static string Of(ProcessReport process, int overcommitMode, bool isRecovery)
    {
        var parts = new List<string> { Numbers(process, overcommitMode) };
        if (isRecovery)
        {
            return parts[0];
        }

        if (process.GrowthBytesPerMinute is { } growth and > 0)
        {
            var left = process.SecondsToLimit is { } seconds ? $", {SizeText.Duration(seconds)} left" : "";
            parts.Add($"growing {SizeText.Bytes(growth)}/min{left}");
        }

        parts.Add(RemedyFor(process));
        return string.Join("; ", parts);
    }

    private static string Numbers(ProcessReport process, int overcommitMode)
    {
        var limit = process.LimitBytes is { } bytes ? $" of {SizeText.Bytes(bytes)}" : "";
        var what =
            process.Constraint == Constraint.CommitCharge
                ? $"commit charge {SizeText.Bytes(process.UsedBytes)}{limit}, {SizeText.Bytes(process.OwnBytes ?? 0)} of it for its fork"
                : $"largest mapping {SizeText.Bytes(process.UsedBytes)}{limit}";
        return $"{what}, mode {overcommitMode}";
    }

    private static string RemedyFor(ProcessReport process) =>
        process.Constraint == Constraint.CommitCharge
            ? $"add swap, raise vm.overcommit_ratio, or restart it in time (see forkguard check {process.Pid})"
            : $"add swap, MADV_DONTFORK, or restart it in time (see forkguard check {process.Pid})";
}
