using System.Collections.Concurrent;
using System.Net;
using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;
using k8s.Autorest;

namespace ForkGuard.Controller.Restarts;

/// <summary>Decides about wanted restarts, one at a time over all watches: the caches first, the API server only if they do not object.</summary>
internal sealed class Restarter(
    RestartRequests requests,
    LocalFacts local,
    RestartStore store,
    ClusterReader cluster,
    OwnerReader owners,
    RestartRunner runner,
    IResourceCache<Pod> pods,
    RestartLog log,
    ServerClock clock,
    RestartOptions options,
    TimeProvider time
) : IDisposable
{
    private const int MaxMessage = 1000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);

    private readonly string _tooSlow =
        "the API server answers too slowly for a decision within "
        + $"{SizeText.Duration((long)options.MaxDecision.TotalSeconds)}; it is repeated";

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly ConcurrentDictionary<(string Watch, long Generation, string Pod), Refusal> _refusals = new();

    /// <summary>Restarts the target's pod, if nothing speaks against it.</summary>
    /// <returns>The reasons against it, the most important first; empty if it is being restarted, or not wanted any more.</returns>
    internal async Task<IReadOnlyList<RestartBlock>> TryAsync(
        Watch watch,
        WatchResource resource,
        TargetState state,
        CancellationToken cancellationToken
    )
    {
        var request = requests.For(watch, resource, state);
        var blocks = await TryAsync(request, () => requests.Current(watch, resource, state.Target), cancellationToken);
        log.Blocked(request, blocks);
        return blocks;
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<IReadOnlyList<RestartBlock>> TryAsync(
        RestartRequest request,
        Func<RestartRequest?> wanted,
        CancellationToken cancellationToken
    )
    {
        var pod = pods.Get(new ResourceKey(request.Pod.Namespace, request.Pod.Name));
        var known = store.Find(request.Pod.Uid, local.KeyOf(pod));
        if (IsOf(known, request))
        {
            // The pod's own restart: only a call without an answer is made again.
            if (RestartRecords.StateOf(known!.Status) is RestartState.Replacing or RestartState.Proving)
            {
                return [];
            }
        }
        else if (Objections(request, pod, known) is { Count: > 0 } objections && !IsDryRunAlone(objections))
        {
            return objections;
        }

        var key = (request.Watch.Uid, request.Watch.Generation, request.Pod.Uid ?? "");
        if (_refusals.TryGetValue(key, out var refused) && time.GetElapsedTime(refused.Since) < refused.Pause)
        {
            return refused.Blocks;
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var blocks = await AnswerAsync(wanted, cancellationToken);
            Remember(key, blocks);
            return blocks;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private IReadOnlyList<RestartBlock> Objections(RestartRequest request, Pod? pod, ForkRestart? known) =>
        clock.Now is not { } now
            ? [RestartStepper.UnknownTime]
            : RestartGates.Blocks(new GateInput(known?.Status, request, local.Of(request, pod), options.Budget, now));

    // A dry run passes every gate that needs the API server as well.
    private static bool IsDryRunAlone(IReadOnlyList<RestartBlock> blocks) => blocks is [{ Reason: BlockReason.DryRun }];

    /// <summary>An object that cannot be read, or a server that does not answer, holds back this restart alone.</summary>
    private async Task<IReadOnlyList<RestartBlock>> AnswerAsync(
        Func<RestartRequest?> wanted,
        CancellationToken cancellationToken
    )
    {
        using var over = new CancellationTokenSource(options.MaxDecision, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, over.Token);
        try
        {
            return await DecideAsync(wanted, limited.Token, cancellationToken);
        }
        catch (OperationCanceledException)
            when (over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return [new RestartBlock(BlockReason.Unavailable, _tooSlow)];
        }
        catch (HttpOperationException refused) when ((int)refused.Response.StatusCode is >= 400 and < 500 and not 408)
        {
            var isThrottled = refused.Response.StatusCode == HttpStatusCode.TooManyRequests;
            var reason = isThrottled ? BlockReason.Throttled : BlockReason.Refused;
            return [new RestartBlock(reason, PrintableText.Escape(refused.Response.Content, MaxMessage))];
        }
        catch (Exception failed) when (ServerFailure.Is(failed, cancellationToken))
        {
            return [new RestartBlock(BlockReason.Unavailable, PrintableText.Escape(failed.Message, MaxMessage))];
        }
    }

    private async Task<IReadOnlyList<RestartBlock>> DecideAsync(
        Func<RestartRequest?> wanted,
        CancellationToken limited,
        CancellationToken cancellationToken
    )
    {
        if (wanted() is not { } request)
        {
            return [];
        }

        var name = new ResourceKey(request.Pod.Namespace, request.Pod.Name);
        var pod = await cluster.ReadAsync(Kinds.Pods, name, limited);
        var owner = pod is null ? null : (await owners.WalkAsync(pod, limited)).Owner;
        if (owner is null)
        {
            return Objections(request, pod, known: null) is { Count: > 0 } blocks
                ? blocks
                : [new RestartBlock(BlockReason.Unmanaged, "the owner of the pod is gone")];
        }

        var key = new RecordKey(request.Pod.Namespace, owner.Owner);
        local.Remember(owner.ControllerUid, key);
        return await runner.DecideAsync(key, wanted, limited, cancellationToken);
    }

    private static bool IsOf(ForkRestart? record, RestartRequest request) =>
        record?.Status?.Restart is { } run && string.Equals(run.Pod.Uid, request.Pod.Uid, StringComparison.Ordinal);

    /// <summary>A gate that the API server's objects closed is read again later, and less and less often.</summary>
    private void Remember((string Watch, long Generation, string Pod) key, IReadOnlyList<RestartBlock> blocks)
    {
        foreach (var (old, refusal) in _refusals)
        {
            if (time.GetElapsedTime(refusal.Since) > MaxPause * 2)
            {
                _refusals.TryRemove(old, out _);
            }
        }

        if (blocks is not [var first, ..])
        {
            _refusals.TryRemove(key, out _);
            return;
        }

        var pause =
            _refusals.TryGetValue(key, out var before) && before.Blocks[0].Reason == first.Reason
                ? before.Pause * 2
                : FirstPause;
        _refusals[key] = new Refusal(blocks, time.GetTimestamp(), pause < MaxPause ? pause : MaxPause);
    }

    private sealed record Refusal(IReadOnlyList<RestartBlock> Blocks, long Since, TimeSpan Pause);
}
