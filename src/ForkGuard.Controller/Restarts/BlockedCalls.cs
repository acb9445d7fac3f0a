using System.Collections.Concurrent;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts;

/// <summary>Answers of the API server that ask to wait, for each pod until their time is over.</summary>
internal sealed class BlockedCalls(TimeProvider time)
{
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefusedWait = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, (BlockedCall Call, long Since, TimeSpan Wait)> _calls = new(
        StringComparer.Ordinal
    );

    /// <summary>The answer that is still to be respected; null if there is none.</summary>
    internal BlockedCall? Of(string? podUid)
    {
        foreach (var (uid, blocked) in _calls)
        {
            if (time.GetElapsedTime(blocked.Since) >= blocked.Wait)
            {
                _calls.TryRemove(uid, out _);
            }
        }

        return _calls.TryGetValue(podUid ?? "", out var found) ? found.Call : null;
    }

    /// <summary>Remembers an answer.</summary>
    /// <returns>The gate that blocks the restart; null if none does.</returns>
    internal RestartBlock? Learn(string? podUid, Removal removal)
    {
        BlockReason? reason = removal.Answer.Kind switch
        {
            CallAnswerKind.DisruptionBudget => BlockReason.DisruptionBudget,
            CallAnswerKind.Throttled => BlockReason.Throttled,
            CallAnswerKind.Unknown => BlockReason.Unavailable,
            CallAnswerKind.Refused => BlockReason.Refused,
            _ => null,
        };
        if (reason is not { } known)
        {
            return null;
        }

        var wait = removal.RetryAfter ?? (known == BlockReason.Refused ? RefusedWait : DefaultWait);
        _calls[podUid ?? ""] = (new BlockedCall(known, removal.Answer.Message), time.GetTimestamp(), wait);
        return new RestartBlock(known, removal.Answer.Message);
    }
}
