using ForkGuard.Api;
using ForkGuard.Host.Records;
using ForkGuard.Host.Systemd;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Host.Restarts;

/// <summary>Executes the steps of a unit's record: reads, decides, writes, and calls systemd once the write is on the disk.</summary>
/// <param name="store">The records.</param>
/// <param name="systemd">The manager.</param>
/// <param name="scan">Gives the last scan.</param>
/// <param name="refusals">Answers that ask to wait.</param>
/// <param name="usage">Distinguishes the runs of a unit.</param>
/// <param name="events">Takes the events.</param>
/// <param name="host">This process on its machine.</param>
/// <param name="time">The clocks.</param>
internal sealed class UnitRunner(
    RecordStore store,
    ISystemd systemd,
    Func<UnitScan> scan,
    RefusedCalls refusals,
    UsageOfRuns usage,
    UnitEvents events,
    HostIdentity host,
    TimeProvider time
)
{
    // Enough for a decision, its call and its answer.
    private const int MaxSteps = 10;

    /// <summary>The longest time from the gates to the call that they allow.</summary>
    private static readonly TimeSpan MaxGateAge = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A call of a process that ended is made again for as long as one without an answer: the evidence takes its time to be
    /// gathered again. systemd waits 25 s for polkit, so that an earlier call is done or refused once it is repeated.
    /// </summary>
    private static readonly RestartTimes Times = new()
    {
        LeaseDuration = new RestartTimes().RepeatFor,
        RepeatAfter = TimeSpan.FromMinutes(1),
    };

    /// <summary>Advances the record of a unit, and restarts the unit if that is wanted and no gate blocks it.</summary>
    /// <returns>
    /// The reasons against a wanted restart, the most important first; null if it was not decided, since it is not wanted any more.
    /// </returns>
    /// <exception cref="SystemdException">systemd gave no usable answer.</exception>
    /// <exception cref="IOException">The record could not be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The record may not be written.</exception>
    internal async Task<IReadOnlyList<RestartBlock>?> RunAsync(
        string unit,
        UnitWant? wanted,
        CancellationToken cancellationToken
    )
    {
        var owner = UnitFacts.OwnerOf(unit);
        CallAnswer? answer = null;
        for (var count = 0; count < MaxSteps; count++)
        {
            var record = store.Read(owner);
            var (facts, request) = await FactsAsync(unit, record, wanted, cancellationToken);
            var step = RestartMachine.Step(
                new RestartInput
                {
                    Record = record?.Status,
                    CreatedTime = record?.Metadata?.CreationTimestamp,
                    Request = request,
                    Facts = facts,
                    Answer = answer,
                    Writer = host.Writer,
                    Times = Times,
                    Now = time.GetUtcNow(),
                }
            );
            if (step.Remove)
            {
                store.Remove(owner);
            }

            var blocks = request is null ? null : step.Blocks;
            if (step.Put is not { } put)
            {
                return blocks;
            }

            store.Write((record ?? Blank(owner)) with { Status = put });
            events.Written(unit, record?.Status, put);
            answer = step.Call ? await CallAsync(put.Restart!, wanted!, cancellationToken) : null;
            if (!step.Call && !step.Continue)
            {
                return blocks;
            }
        }

        return [];
    }

    // Evidence that is gone by now is none.
    private static UnitWant? CurrentIn(UnitScan scan, UnitWant? wanted) =>
        wanted is null ? null : scan.Wants.FirstOrDefault(now => now.IsOf(wanted));

    private async Task<(RestartFacts Facts, RestartRequest? Request)> FactsAsync(
        string unit,
        ForkRestart? record,
        UnitWant? want,
        CancellationToken cancellationToken
    )
    {
        var run = record?.Status?.Restart;
        var state = await systemd.ReadAsync(unit, cancellationToken);
        var records = store.List();
        var facts = UnitFacts.Of(state, run, host.Name, host.Unit, time.GetUtcNow()) with
        {
            Open = [.. records.Where(other => other.Spec.Owner.Name != unit).Select(OpenOf).OfType<OpenRestart>()],
            Failures = [.. records.SelectMany(other => RestartRecords.Failures(other.Status))],
            Blocked = refusals.Of(unit),
            Reading = run is null ? null : UnitFacts.ReadingOf(run, scan(), host.Name),
        };
        if (CurrentIn(scan(), want) is not { } wanted)
        {
            return (facts, null);
        }

        // In this order: a process that runs after the unit was read is one of that invocation.
        var actual = await systemd.UnitOfProcessAsync(wanted.Process.Pid, cancellationToken);
        var last = scan();
        if (
            CurrentIn(last, wanted) is not { } current
            || !IsSame(current.Process, wanted.Process)
            || !last.IsAlive(wanted.Process)
        )
        {
            return (facts, null);
        }

        var mismatch = string.Equals(actual, state.Id, StringComparison.Ordinal)
            ? null
            : $"process {wanted.Process.Pid} runs in {actual ?? "no unit"} and not in {state.Id} of the system";
        return (facts with { Mismatch = mismatch }, RequestOf(current, last, state));
    }

    private static bool IsSame(ProcessReport a, ProcessReport b) =>
        a.Pid == b.Pid && a.StartTimeTicks == b.StartTimeTicks;

    private RestartRequest RequestOf(UnitWant wanted, UnitScan last, UnitState state) =>
        new()
        {
            Watch = wanted.Watch,
            Policy = wanted.Policy,
            Method = new OpenEnum<RestartMethod>("Restart"),
            ActAtPercent = wanted.ActAtPercent,
            Pod = new PodReference
            {
                Namespace = "",
                Name = wanted.Unit,
                Uid = state.InvocationId,
            },
            Node = host.Name,
            Constraint = wanted.Constraint.Type,
            Scope = wanted.Constraint.Scope,
            Command = wanted.Process.Command,
            Limit = wanted.Constraint.Limit,
            OvercommitMode = last.OvercommitMode,
            Reason = wanted.Reason,
            BlockedBy = usage.HasGrown(state, wanted.Constraint)
                ? wanted.BlockedBy
                : [.. wanted.BlockedBy, BlockReason.NotGrowing],
            ReadingAge = time.GetElapsedTime(last.Timestamp),
            ScanInterval = last.Interval,
            Cooldown = wanted.Cooldown,
            CooldownWatch = wanted.CooldownWatch,
            IsDryRun = wanted.IsDryRun,
        };

    /// <summary>
    /// Restarts the invocation that was chosen, and no later one. Null after a slow write, or once the evidence or the record is
    /// gone: the gates are evaluated again.
    /// </summary>
    private async Task<CallAnswer?> CallAsync(RestartRun run, UnitWant wanted, CancellationToken cancellationToken)
    {
        try
        {
            var state = await systemd.ReadAsync(run.Pod.Name, cancellationToken);
            if (!string.Equals(state.InvocationId, run.Pod.Uid, StringComparison.Ordinal))
            {
                return new CallAnswer(CallAnswerKind.Gone, "");
            }

            if (
                time.GetUtcNow() - run.LastCallTime > MaxGateAge
                || CurrentIn(scan(), wanted) is null
                || !store.IsInPlace
            )
            {
                return null;
            }

            await systemd.RestartAsync(run.Pod.Name, cancellationToken);
            return new CallAnswer(CallAnswerKind.Accepted, "");
        }
        catch (SystemdException failed)
        {
            if (failed.IsRefusal)
            {
                refusals.Add(run.Pod.Name, failed.Message);
            }

            return new CallAnswer(failed.IsRefusal ? CallAnswerKind.Refused : CallAnswerKind.Unknown, failed.Message);
        }
    }

    private ForkRestart Blank(RestartOwner owner) =>
        new()
        {
            Metadata = new ObjectMeta { Name = owner.Name, CreationTimestamp = time.GetUtcNow() },
            Spec = new ForkRestartSpec { Owner = owner },
        };

    private static OpenRestart? OpenOf(ForkRestart record) =>
        record.Status is { Restart: { } run } status && RestartRecords.HoldsBudget(status)
            ? new OpenRestart(
                record.Spec.Owner.Name,
                run.Pod.Namespace,
                run.Watch.Uid,
                run.Node,
                run.Zone,
                RestartRecords.StateOf(status)!.Value,
                ""
            )
            : null;
}
