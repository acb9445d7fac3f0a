using ForkGuard.Api;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts;

/// <summary>Reads the inputs of a step, and lets the state machine decide.</summary>
internal sealed class RestartStepper(
    RestartStore store,
    FactsReader reader,
    ReplacementReader replacements,
    ServerClock clock,
    RestartOptions options,
    LeaderElectionOptions lease,
    Func<LeaderTerm?> term
)
{
    /// <summary>Blocks every restart while the answers of the API server disagree about the time.</summary>
    internal static readonly RestartBlock UnknownTime = new(
        BlockReason.StaleCache,
        "the time of the API server is unknown: it has not answered yet, or its answers differ by more than a minute"
    );

    /// <returns>The step, and the request that it was decided by.</returns>
    internal async Task<(RestartStep Step, RestartRequest? Request)> StepAsync(
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
                && UnreadableRun.End(InputOf(record, request: null, reader.Own, answer, writer, late), key.Owner)
                    is { } ended
            )
            {
                return (ended, null);
            }

            throw;
        }

        if (clock.Now is not { } now)
        {
            return (new RestartStep { Blocks = [UnknownTime] }, asked);
        }

        // The reading grows older, or a newer one comes, while the API server answers.
        var request = asked is null ? null : wanted!();
        var step = RestartMachine.Step(InputOf(record, request, facts, answer, writer, now));
        if (step.EndsTerm && record?.Status?.Writer is { } later)
        {
            // Every later term, or the next one ends at another record.
            term()?.EndBefore(Math.Max(later.LeaseTransitions, store.LastTermOf(writer.LeaseUid)));
        }

        return (step, request);
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

    /// <summary>The writer of this term; null without one.</summary>
    internal RestartWriter? Writer() =>
        term() is { IsCurrent: true } current
            ? new RestartWriter
            {
                LeaseNamespace = lease.Namespace,
                LeaseUid = current.LeaseUid,
                LeaseTransitions = current.Transitions,
                Identity = lease.Identity,
            }
            : null;
}
