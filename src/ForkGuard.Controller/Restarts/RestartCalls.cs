using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>Calls the API server for a restart, and remembers answers that ask to wait.</summary>
internal sealed class RestartCalls(PodRemover remover, BlockedCalls blocked)
{
    /// <summary>Asks the API server whether it would evict the pod, so that a spent disruption budget costs no decision.</summary>
    internal async Task<RestartBlock?> TrialAsync(RestartRequest request, CancellationToken cancellationToken)
    {
        if (request.Policy.Method != RestartMethod.Evict)
        {
            return null;
        }

        var removal = await remover.TryEvictAsync(request.Pod, request.Policy.GracePeriodSeconds, cancellationToken);
        return blocked.Learn(request.Pod.Uid, removal);
    }

    /// <summary>Evicts or deletes the pod of a restart.</summary>
    internal async Task<CallAnswer> CallAsync(RestartRun run, CancellationToken cancellationToken)
    {
        var removal = await remover.RemoveAsync(run, cancellationToken);
        if (removal.Answer.Kind != CallAnswerKind.Unknown)
        {
            blocked.Learn(run.Pod.Uid, removal);
        }

        return removal.Answer;
    }
}
