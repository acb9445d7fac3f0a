using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts;

/// <summary>Executes the steps of a record: reads, decides, writes, and calls once the write is done.</summary>
internal sealed class RestartRunner(
    RestartStore store,
    RestartStepper stepper,
    RestartCalls calls,
    RestartReporter reporter,
    ServerClock clock,
    TimeProvider time
)
{
    // Enough for a decision, its call and its answer, each with a conflict.
    private const int MaxSteps = 10;

    /// <summary>The longest time for a write, and from the gates to the call that they allow.</summary>
    private static readonly TimeSpan MaxGateAge = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ResourceKey, RecordKey> _deciding = new();

    /// <summary>Advances the record of a workload without a request.</summary>
    /// <returns>Time of the next step; null if none is due.</returns>
    internal async Task<TimeSpan?> FollowAsync(RecordKey key, CancellationToken cancellationToken)
    {
        if (_deciding.ContainsKey(key.Resource))
        {
            return TimeSpan.FromSeconds(1);
        }

        var step = await RunAsync(key, wanted: null, cancellationToken, cancellationToken);
        return step.Again is { } again && clock.Now is { } now ? again - now : null;
    }

    /// <summary>Restarts the pod of a request unless a gate blocks it.</summary>
    /// <param name="key">The workload.</param>
    /// <param name="wanted">Gives the request as of now; null once the restart is not wanted any more.</param>
    /// <param name="limited">Ends the decision, but nothing from the moment on that its call is written.</param>
    /// <param name="cancellationToken">Ends the steps.</param>
    /// <returns>The reasons against it, the most important first; empty if it is being restarted.</returns>
    internal async Task<IReadOnlyList<RestartBlock>> DecideAsync(
        RecordKey key,
        Func<RestartRequest?> wanted,
        CancellationToken limited,
        CancellationToken cancellationToken
    )
    {
        _deciding[key.Resource] = key;
        try
        {
            return (await RunAsync(key, wanted, limited, cancellationToken)).Blocks;
        }
        finally
        {
            _deciding.TryRemove(key.Resource, out _);
        }
    }

    private async Task<RestartStep> RunAsync(
        RecordKey key,
        Func<RestartRequest?>? wanted,
        CancellationToken limited,
        CancellationToken cancellationToken
    )
    {
        CallAnswer? answer = null;
        var reads = limited;
        for (var count = 0; count < MaxSteps; count++)
        {
            var record = await store.ReadAsync(key.Resource, reads);
            if (record is not null && !RestartNames.IsOf(record, key.Owner))
            {
                return new RestartStep
                {
                    Blocks =
                    [
                        new RestartBlock(BlockReason.Conflict, $"record {key.Resource} belongs to another workload"),
                    ],
                };
            }

            if (stepper.Writer() is not { } writer)
            {
                return new RestartStep
                {
                    Blocks = [new RestartBlock(BlockReason.NotLeader, "another controller leads")],
                };
            }

            var (step, request) = await stepper.StepAsync(key, record, wanted, answer, writer, reads);
            if (step.Remove)
            {
                await store.RemoveAsync(record!, cancellationToken);
                return step;
            }

            if (step.Put is not { } put)
            {
                return
                    request is not null
                    && step.Blocks is [{ Reason: BlockReason.DryRun }]
                    && await calls.TrialAsync(request, reads) is { } refusal
                    ? step with
                    {
                        Blocks = [refusal, .. step.Blocks],
                    }
                    : step;
            }

            var before = record?.Status;
            if (IsDecision(before, put) && await calls.TrialAsync(request!, reads) is { } objection)
            {
                return new RestartStep { Blocks = [objection] };
            }

            if (!await WriteAsync(key, record, put, cancellationToken))
            {
                continue;
            }

            reporter.Report(key, before, put);
            reads = step.Call ? cancellationToken : reads;
            answer =
                step.Call && IsRecent(put.Restart!) ? await calls.CallAsync(put.Restart!, cancellationToken) : null;
            if (!step.Call && !step.Continue)
            {
                return step;
            }
        }

        return new RestartStep
        {
            Blocks = wanted is null
                ? []
                : [new RestartBlock(BlockReason.Conflict, "the record keeps changing; the restart is decided again")],
            Again = clock.Now + TimeSpan.FromSeconds(1),
        };
    }

    private async Task<bool> WriteAsync(
        RecordKey key,
        ForkRestart? record,
        ForkRestartStatus status,
        CancellationToken cancellationToken
    )
    {
        using var over = new CancellationTokenSource(MaxGateAge, time);
        using var recent = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, over.Token);
        return await store.WriteAsync(key, record, status, recent.Token) is not null;
    }

    /// <summary>Reports whether the gates were evaluated recently. After a slow write they are evaluated again, without a call.</summary>
    private bool IsRecent(RestartRun run) => clock.Now - run.LastCallTime <= MaxGateAge;

    private static bool IsDecision(ForkRestartStatus? before, ForkRestartStatus after) =>
        RestartRecords.StateOf(before) == RestartState.Idle && after.State == RestartState.Decided;
}
