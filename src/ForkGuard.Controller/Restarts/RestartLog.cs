using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Restarts;

/// <summary>Logs each transition of a restart, and each change of the reason that holds one back.</summary>
internal sealed partial class RestartLog(ILogger<RestartLog> logger)
{
    private const int MaxBlocks = 20_000;

    private readonly ConcurrentDictionary<BlockedTarget, BlockReason> _blocks = new();

    /// <summary>Logs the state that a record was written with.</summary>
    internal void Transition(RecordKey key, ForkRestartStatus? before, ForkRestartStatus after)
    {
        if (!logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        var owner = $"{key.Owner.Kind} {key.Namespace}/{key.Owner.Name}";
        var state = RestartRecords.StateOf(before)?.ToString() ?? "";
        var pod = (after.Restart ?? before?.Restart)?.Pod.Name ?? "";
        var condition = after.Conditions?.FirstOrDefault(condition => condition.Type == "InProgress");
        LogTransition(
            logger,
            owner,
            pod,
            state,
            after.State?.Text ?? "",
            condition?.Reason ?? "",
            condition?.Message ?? ""
        );
    }

    /// <summary>Logs the first block if it is another one than the last time, and the end of one.</summary>
    internal void Blocked(RestartRequest request, IReadOnlyList<RestartBlock> blocks)
    {
        if (!logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        var key = new BlockedTarget(
            request.Watch.Uid,
            request.Pod.Uid ?? "",
            request.Scope == ConstraintScope.Pod ? "" : request.Container ?? "",
            request.Constraint.Text
        );
        var pod = $"{request.Pod.Namespace}/{request.Pod.Name}";
        if (blocks is not [var first, ..])
        {
            if (_blocks.TryRemove(key, out var last))
            {
                LogLifted(logger, request.Watch, pod, last);
            }

            return;
        }

        if (_blocks.Count >= MaxBlocks)
        {
            _blocks.Clear();
        }

        var isNew = !_blocks.TryGetValue(key, out var known) || known != first.Reason;
        _blocks[key] = first.Reason;
        if (isNew)
        {
            LogBlocked(logger, request.Watch, pod, first.Reason, first.Message);
        }
    }

    /// <summary>One constraint of a pod may be blocked for another reason than the next.</summary>
    private readonly record struct BlockedTarget(string Watch, string Pod, string Container, string Constraint);

    [LoggerMessage(
        EventId = 31,
        Level = LogLevel.Information,
        Message = "{Owner}: restart of pod {Pod}: {Before} -> {After}, {Reason}: {Explanation}"
    )]
    private static partial void LogTransition(
        ILogger logger,
        string owner,
        string pod,
        string before,
        string after,
        string reason,
        string explanation
    );

    [LoggerMessage(
        EventId = 32,
        Level = LogLevel.Information,
        Message = "{Watch}: pod {Pod} is not restarted, {Reason}: {Explanation}"
    )]
    private static partial void LogBlocked(
        ILogger logger,
        WatchReference watch,
        string pod,
        BlockReason reason,
        string explanation
    );

    [LoggerMessage(
        EventId = 33,
        Level = LogLevel.Information,
        Message = "{Watch}: {Reason} does not hold the restart of pod {Pod} back any more"
    )]
    private static partial void LogLifted(ILogger logger, WatchReference watch, string pod, BlockReason reason);
}
