using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarting;

/// <summary>Carries steps out: reads, steps, writes, and calls once the write is done.</summary>
internal sealed class RestartRunner(
    RestartStore store,
    FactsReader reader,
    ReplacementReader replacements,
    PodRemover remover,
    BlockedCalls blocked,
    RestartReporter reporter,
    ServerClock clock,
    RestartOptions options,
    LeaderElectionOptions lease,
    Func<LeaderTerm?> term
)
{
    // Enough for a decision, its call and its answer, each with a conflict.
    private const int MaxSteps = 10;

    /// <summary>The longest time for a write, and from the gates to the call that they allow.</summary>
    private static readonly TimeSpan MaxGateAge = TimeSpan.FromSeconds(5);

    /// <summary>Speaks against every restart while the answers of the API server do not agree about the time.</summary>
    internal static readonly Veto UnknownTime = new(
        BlockReason.StaleCache,
        "the time of the API server is unknown: it has not answered yet, or its answers differ by more than a minute"
    );

    private readonly ConcurrentDictionary<ResourceKey, RecordKey> _deciding = new();

    /// <summary>Follows the record of a workload without a request.</summary>
    /// <returns>When to follow it again; null for no such time.</returns>
    internal async Task<TimeSpan?> FollowAsync(RecordKey key, CancellationToken cancellationToken)
    {
        if (_deciding.ContainsKey(key.Resource))
        {
            return TimeSpan.FromSeconds(1);
        }

        var step = await RunAsync(key, wanted: null, cancellationToken);
        return step.Again is { } again && clock.Now is { } now ? again - now : null;
    }

    /// <summary>Restarts the pod of a request, if nothing speaks against it.</summary>
    /// <param name="key">The workload.</param>
    /// <param name="wanted">Gives the request as of now; null once the restart is not wanted any more.</param>
    /// <param name="cancellationToken">Ends the steps.</param>
    /// <returns>The reasons against it, the most important first; empty if it is being restarted.</returns>
    internal async Task<IReadOnlyList<Veto>> DecideAsync(
        RecordKey key,
        Func<RestartRequest?> wanted,
        CancellationToken cancellationToken
    )
    {
        _deciding[key.Resource] = key;
        try
        {
            return (await RunAsync(key, wanted, cancellationToken)).Vetoes;
        }
        finally
        {
            _deciding.TryRemove(key.Resource, out _);
        }
    }

    private async Task<RestartStep> RunAsync(
        RecordKey key,
        Func<RestartRequest?>? wanted,
        CancellationToken cancellationToken
    )
    {
        CallAnswer? answer = null;
        for (var count = 0; count < MaxSteps; count++)
        {
            var record = await store.ReadAsync(key.Resource, cancellationToken);
            if (record is not null && !RestartNames.IsOf(record, key.Owner))
            {
                return new RestartStep
                {
                    Vetoes = [new Veto(BlockReason.Conflict, $"record {key.Resource} belongs to another workload")],
                };
            }

            if (Writer() is not { } writer)
            {
                return new RestartStep { Vetoes = [new Veto(BlockReason.NotLeader, "another controller leads")] };
            }

            var (step, request) = await StepAsync(key, record, wanted, answer, writer, cancellationToken);
            if (step.Remove)
            {
                await store.RemoveAsync(record!, cancellationToken);
                return step;
            }

            if (step.Put is not { } put)
            {
                return
                    request is not null
                    && step.Vetoes is [{ Reason: BlockReason.DryRun }]
                    && await TrialAsync(request, cancellationToken) is { } refusal
                    ? step with
                    {
                        Vetoes = [refusal, .. step.Vetoes],
                    }
                    : step;
            }

            var before = record?.Status;
            if (IsDecision(before, put) && await TrialAsync(request!, cancellationToken) is { } objection)
            {
                return new RestartStep { Vetoes = [objection] };
            }

            if (!await WriteAsync(key, record, put, cancellationToken))
            {
                continue;
            }

            reporter.Report(key, before, put);
            answer = step.Call && IsRecent(put.Restart!) ? await CallAsync(put.Restart!, cancellationToken) : null;
            if (!step.Call && !step.Continue)
            {
                return step;
            }
        }

        return new RestartStep
        {
            Vetoes = wanted is null
                ? []
                : [new Veto(BlockReason.Conflict, "the record keeps changing; the restart is decided again")],
            Again = clock.Now + TimeSpan.FromSeconds(1),
        };
    }

    /// <returns>The step, and the request that it was decided by.</returns>
    private async Task<(RestartStep Step, RestartRequest? Request)> StepAsync(
        RecordKey key,
        ForkRestart? record,
        Func<RestartRequest?>? wanted,
        CallAnswer? answer,
        RestartWriter writer,
        CancellationToken cancellationToken
    )
    {
        var asked = wanted?.Invoke();
        RestartFacts facts;
        try
        {
            facts = await reader.ReadAsync(key, record, asked, writer, cancellationToken);
        }
        catch (Exception failed) when (ServerFailure.Is(failed, cancellationToken))
        {
            if (
                clock.Now is { } late
                && UnreadableRun.End(
                    InputOf(record, request: null, reader.Local(record), answer, writer, late),
                    key.Owner
                )
                    is { } ended
            )
            {
                return (ended, null);
            }

            throw;
        }

        if (clock.Now is not { } now)
        {
            return (new RestartStep { Vetoes = [UnknownTime] }, asked);
        }

        // The reading grows older, or a newer one comes, while the API server answers.
        var request = asked is null ? null : wanted!();
        return (RestartMachine.Step(InputOf(record, request, facts, answer, writer, now)), request);
    }

    private RestartInput InputOf(
        ForkRestart? record,
        RestartRequest? request,
        RestartFacts facts,
        CallAnswer? answer,
        RestartWriter writer,
        DateTimeOffset now
    ) =>
        new()
        {
            Record = record?.Status,
            Version = record?.Metadata?.ResourceVersion,
            CreatedTime = record?.Metadata?.CreationTimestamp,
            Request = request,
            Facts = record?.Status?.Restart is { } run ? facts with { Reading = replacements.Read(run, now) } : facts,
            Answer = answer,
            Writer = writer,
            Budget = options.Budget,
            Times = options.Times,
            Now = now,
        };

    private async Task<bool> WriteAsync(
        RecordKey key,
        ForkRestart? record,
        ForkRestartStatus status,
        CancellationToken cancellationToken
    )
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(MaxGateAge);
        return await store.WriteAsync(key, record, status, limited.Token) is not null;
    }

    /// <summary>The gates were evaluated just now. After a slow write they are evaluated again, without a call.</summary>
    private bool IsRecent(RestartRun run) => clock.Now - run.LastCallTime <= MaxGateAge;

    private RestartWriter? Writer() =>
        term() is { IsCurrent: true } current
            ? new RestartWriter
            {
                LeaseNamespace = lease.Namespace,
                LeaseUid = current.LeaseUid,
                LeaseTransitions = current.Transitions,
                Identity = lease.Identity,
            }
            : null;

    private static bool IsDecision(ForkRestartStatus? before, ForkRestartStatus after) =>
        RestartRecords.StateOf(before) == RestartState.Idle && after.State == RestartState.Decided;

    /// <summary>Asks the API server whether it would evict the pod, so that a spent disruption budget costs no decision.</summary>
    private async Task<Veto?> TrialAsync(RestartRequest request, CancellationToken cancellationToken)
    {
        if (request.Policy.Method != RestartMethod.Evict)
        {
            return null;
        }

        var removal = await remover.TryEvictAsync(request.Pod, request.Policy.GracePeriodSeconds, cancellationToken);
        return blocked.Learn(request.Pod.Uid, removal);
    }

    private async Task<CallAnswer> CallAsync(RestartRun run, CancellationToken cancellationToken)
    {
        var removal = await remover.RemoveAsync(run, cancellationToken);
        if (removal.Answer.Kind != CallAnswerKind.Unknown)
        {
            blocked.Learn(run.Pod.Uid, removal);
        }

        return removal.Answer;
    }
}
