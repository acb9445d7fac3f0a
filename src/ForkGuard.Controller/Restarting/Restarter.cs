using ForkGuard.Api;
using ForkGuard.Controller.Judging;
using ForkGuard.Controller.Statuses;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Restarting;

/// <summary>Evidence, then gates, then intent, then action; one restart at a time over all watches.</summary>
internal sealed partial class Restarter(
    RestartCheck check,
    PodRemover remover,
    WatchStore store,
    Ledgers ledgers,
    ForkEvents events,
    EventNotes notes,
    ControllerTelemetry telemetry,
    RestartOptions options,
    TimeProvider time,
    ILogger<Restarter> logger
) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Restarts the target's pod, if nothing speaks against it.</summary>
    /// <returns>What speaks against it, the most telling first; empty if it was restarted, or is being restarted already.</returns>
    internal async Task<IReadOnlyList<Veto>> TryAsync(
        Watch watch,
        WatchResource resource,
        TargetState state,
        CancellationToken cancellationToken
    )
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return await DecideAsync(watch, resource, state, cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<IReadOnlyList<Veto>> DecideAsync(
        Watch watch,
        WatchResource resource,
        TargetState state,
        CancellationToken cancellationToken
    )
    {
        var reference = state.Pod!;
        if (IsUnderWay(reference))
        {
            return [];
        }

        var isDry = watch.Rule.DryRun || options.DryRun;
        var (pod, vetoes) = await check.VetoesAsync(watch, state, isDry, cancellationToken);
        if (vetoes.Count > 0)
        {
            return vetoes;
        }

        var owner = pod!.Facts.Owner!;
        return isDry
            ? await PretendAsync(watch, resource, state, owner, cancellationToken)
            : await ActAsync(watch, state, pod, owner, cancellationToken);
    }

    private bool IsUnderWay(PodReference pod) =>
        ledgers
            .Pages.SelectMany(page => page.Owners)
            .Any(owner =>
                owner.Restart is { AcceptedTime: not null } restart
                && string.Equals(restart.Pod.Uid, pod.Uid, StringComparison.Ordinal)
            );

    /// <summary>Writes the intent, makes the call, writes what became of it.</summary>
    private async Task<IReadOnlyList<Veto>> ActAsync(
        Watch watch,
        TargetState state,
        PodNow pod,
        OwnerFacts owner,
        CancellationToken cancellationToken
    )
    {
        var reference = state.Pod!;
        var intent = new RestartIntent
        {
            Pod = reference,
            Node = state.Node,
            ControllerUid = pod.ControllerUid,
            Constraint = state.Constraint.Type,
            Method = watch.Policy.Method,
            Time = time.GetUtcNow(),
        };
        if (await store.ReadAsync(watch.Identity, cancellationToken) is not { } live)
        {
            return [new Veto(BlockReason.NotLeader, "the watch was deleted")];
        }

        var ledger = ledgers.Of(live);
        var decided = ledger with { Owners = OwnerLedger.Decided(ledger.Owners, owner, intent) };
        if (await WriteAsync(live, decided, cancellationToken) is not { } written)
        {
            return [new Veto(BlockReason.Budget, "the watch changed just now; the restart is decided again")];
        }

        LogRestarting(logger, watch.Policy.Method, reference.Namespace, reference.Name, watch.Identity);
        var grace = watch.Policy.GracePeriodSeconds;
        var removal = await remover.RemoveAsync(reference, intent.Method, grace, cancellationToken);
        var answered = Answered(decided, OwnerLedger.Find(decided.Owners, owner)!, intent, removal, state);
        ledgers.Set(watch.Identity, answered);
        if (ResultOf(removal.Answer) is { } result)
        {
            telemetry.Restarted(intent.Method, result);
        }

        if (removal.Answer == RemovalAnswer.Accepted)
        {
            // Before the outcome is written: a successor that finds it written tells nothing any more.
            var note = $"restarted by {intent.Method}; {notes.WhyRestarted(state)}";
            await events.RestartedAsync(written, reference, note, intent.Time, cancellationToken);
        }

        await WriteAsync(written, answered, cancellationToken);
        return check.Learn(reference, removal);
    }

    private async Task<IReadOnlyList<Veto>> PretendAsync(
        Watch watch,
        WatchResource resource,
        TargetState state,
        OwnerFacts owner,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var ledger = ledgers.Of(resource);
        var method = watch.Policy.Method;
        var note = $"dry run: would restart it by {method}; {notes.WhyRestarted(state)}";
        ledgers.Set(
            watch.Identity,
            ledger with
            {
                Owners = OwnerLedger.DryRun(ledger.Owners, owner, now),
                LastRestart = new RestartRecord
                {
                    Pod = state.Pod,
                    Method = method,
                    Time = now,
                    Result = RestartResult.DryRun,
                    Message = note,
                },
            }
        );
        telemetry.Restarted(method, RestartResult.DryRun);
        await events.RestartedAsync(resource, state.Pod!, note, now, cancellationToken);
        return [new Veto(BlockReason.DryRun, note)];
    }

    private async Task<WatchResource?> WriteAsync(
        WatchResource current,
        Ledger ledger,
        CancellationToken cancellationToken
    )
    {
        var status = (current.Status ?? new WatchStatus()) with
        {
            Owners = ledger.Owners,
            LastRestart = ledger.LastRestart,
        };
        var written = await store.WriteAsync(current, status, cancellationToken);
        if (written is not null)
        {
            ledgers.Set(current.Identity, ledger);
        }

        return written;
    }

    private Ledger Answered(
        Ledger decided,
        OwnerRecord owner,
        RestartIntent intent,
        Removal removal,
        TargetState state
    ) =>
        removal.Answer == RemovalAnswer.Accepted
            ? decided with
            {
                Owners = OwnerLedger.Accepted(decided.Owners, owner, time.GetUtcNow()),
                LastRestart = Record(
                    intent,
                    RestartResult.Accepted,
                    $"{notes.WhyRestarted(state)}; its replacement is awaited"
                ),
            }
            : decided with
            {
                Owners = OwnerLedger.Withdrawn(decided.Owners, owner),
                LastRestart = ResultOf(removal.Answer) is { } result
                    ? Record(intent, result, removal.Message)
                    : decided.LastRestart,
            };

    /// <summary>What became of a restart; null where it is tried again.</summary>
    private static RestartResult? ResultOf(RemovalAnswer answer) =>
        answer switch
        {
            RemovalAnswer.Accepted => RestartResult.Accepted,
            RemovalAnswer.Superseded => RestartResult.Superseded,
            RemovalAnswer.Refused => RestartResult.Refused,
            _ => null,
        };

    private static RestartRecord Record(RestartIntent intent, RestartResult result, string message) =>
        new()
        {
            Pod = intent.Pod,
            Method = intent.Method,
            Time = intent.Time,
            Result = result,
            Message = message,
        };

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "{Method} of pod {Namespace}/{Pod} for {Watch}")]
    private static partial void LogRestarting(
        ILogger logger,
        RestartMethod method,
        string @namespace,
        string pod,
        WatchIdentity watch
    );
}
