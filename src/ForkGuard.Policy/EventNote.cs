using ForkGuard.Api;

namespace ForkGuard.Policy;

/// <summary>What an event tells beside its reason.</summary>
public static class EventNote
{
    /// <summary>Size, limit, mode, growth, time left and the remedy; for a recovery the numbers only.</summary>
    /// <param name="process">As measured; by the rule of another mode for a what-if, and then the note says so.</param>
    /// <param name="overcommitMode">vm.overcommit_memory of the node: 0 heuristic, 1 always, 2 strict.</param>
    /// <param name="isRecovery">The risk is over.</param>
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

        parts.Add(RemedyFor(process, overcommitMode));
        return string.Join("; ", parts);
    }

    private static string Numbers(ProcessReport process, int overcommitMode)
    {
        var limit = process.LimitBytes is { } bytes ? $" of {SizeText.Bytes(bytes)}" : "";
        var what =
            process.Constraint == Constraint.CommitCharge
                ? $"commit charge {SizeText.Bytes(process.UsedBytes)}{limit}, {SizeText.Bytes(process.OwnBytes ?? 0)} of it for its fork{ForkChildrenPart(process)}"
                : $"largest mapping {SizeText.Bytes(process.UsedBytes)}{limit}";
        return WhatIfMode(process, overcommitMode) is { } mode
            ? $"{what}, by the rule of mode {mode} on a kernel in mode {overcommitMode}"
            : $"{what}, mode {overcommitMode}";
    }

    private static string ForkChildrenPart(ProcessReport process) =>
        process.ForkChildBytes is { } bytes and > 0 ? $" and up to {SizeText.Bytes(bytes)} held by fork children" : "";

    private static string RemedyFor(ProcessReport process, int overcommitMode)
    {
        var isCharge = process.Constraint == Constraint.CommitCharge;
        if (WhatIfMode(process, overcommitMode) is { } mode)
        {
            // Nothing is refused as it is, and `check` knows the kernel's own rule only.
            var remedy = isCharge ? "add swap or raise vm.overcommit_ratio" : "add swap or MADV_DONTFORK";
            return $"{remedy} before vm.overcommit_memory becomes {mode}";
        }

        var own = isCharge ? "add swap, raise vm.overcommit_ratio" : "add swap, MADV_DONTFORK";
        return $"{own}, or restart it in time (see forkguard check {process.Pid})";
    }

    /// <summary>The mode whose rule the numbers are by, where it is not the kernel's; null otherwise.</summary>
    private static int? WhatIfMode(ProcessReport process, int overcommitMode) =>
        process.Constraint switch
        {
            Constraint.LargestMapping when overcommitMode != 0 => 0,
            Constraint.CommitCharge when overcommitMode != 2 => 2,
            _ => null,
        };
}
