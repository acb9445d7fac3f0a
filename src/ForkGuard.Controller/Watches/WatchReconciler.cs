using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Judging;
using ForkGuard.Controller.Restarting;
using ForkGuard.Controller.Statuses;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Watches;

/// <summary>Brings one watch up to date: tells what is to be told, restarts what is to be restarted, writes the status.</summary>
internal sealed class WatchReconciler(
    Boards boards,
    Caches caches,
    NodeReadings readings,
    Restarter restarter,
    RestartStore records,
    WatchStore store,
    ServerClock clock,
    ForkEvents events,
    SuppressionMemory suppressions,
    Action reportsChanged,
    TimeSpan silentAfter,
    TimeProvider time
)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhileActing = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AtRest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<WatchIdentity, DateTimeOffset> _written = new();

    internal async Task<ReconciliationResult> ReconcileAsync(
        WatchResource resource,
        CancellationToken cancellationToken
    )
    {
        var demand = boards.Demand;
        if (Watch.From(resource, out var errors) is not { } watch)
        {
            boards.Remove(resource.Identity);
            AskIfOther(demand);
            var refused = WatchStatusBuilder.Refused(resource, errors, time.GetUtcNow());
            return await WriteAsync(resource, refused, AtRest, cancellationToken);
        }

        var board = boards.Put(resource, watch);
        AskIfOther(demand);
        var eases = board.Prune(IsGone, state => IsSelected(watch, state), silentAfter, time.GetUtcNow());
        eases |= board.Repeat(IsSilent, silentAfter, time.GetUtcNow());
        Emit(resource, board);
        var (suppressed, wanted) = await RestartAsync(watch, resource, board, cancellationToken);
        var situation = new WatchSituation(resource, watch, board.Targets, NodesOf(watch), suppressed, GivenUp(watch));
        return await WriteAsync(
            resource,
            WatchStatusBuilder.Build(situation, time.GetUtcNow()),
            wanted || eases ? WhileActing : AtRest,
            cancellationToken
        );
    }

    internal Task DeletedAsync(WatchIdentity identity)
    {
        boards.Remove(identity);
        suppressions.Forget(identity);
        _written.TryRemove(identity, out _);
        reportsChanged();
        return Task.CompletedTask;
    }

    private void AskIfOther(ReportDemand before)
    {
        if (boards.Demand != before)
        {
            reportsChanged();
        }
    }

    private void Emit(WatchResource resource, TargetBoard board)
    {
        foreach (var notice in board.Notices)
        {
            events.Emit(resource, board.Watch.Rule, notice);
            board.Emitted(notice);
        }
    }

    private async Task<(IReadOnlyList<SuppressedTarget> Suppressed, bool Wanted)> RestartAsync(
        Watch watch,
        WatchResource resource,
        TargetBoard board,
        CancellationToken cancellationToken
    )
    {
        var suppressed = new List<SuppressedTarget>();
        var wanted = board.Targets.Where(state => state.Action.Wanted && state.Pod is not null).ToList();
        foreach (var state in wanted)
        {
            var vetoes = await restarter.TryAsync(watch, resource, state, cancellationToken);
            if (vetoes is [var first, ..])
            {
                suppressed.Add(new SuppressedTarget(state, vetoes));
                if (suppressions.IsDue(watch.Identity, state.Target, first.Reason, time.GetUtcNow()))
                {
                    events.Suppressed(resource, state, first.Reason, first.Message);
                }
            }
            else
            {
                suppressions.Forget(watch.Identity, state.Target);
            }
        }

        return (suppressed, wanted.Count > 0);
    }

    /// <summary>Writes at once what matters, and what only moved a little once a minute.</summary>
    private async Task<ReconciliationResult> WriteAsync(
        WatchResource current,
        WatchStatus status,
        TimeSpan next,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var isDue = now - _written.GetValueOrDefault(current.Identity) >= AtRest;
        if (!isDue && !StatusChange.IsWorthWriting(current.Status, status))
        {
            return new ReconciliationResult(next);
        }

        if (await store.WriteAsync(current, status, cancellationToken) is null)
        {
            return new ReconciliationResult(Soon);
        }

        _written[current.Identity] = now;
        return new ReconciliationResult(next);
    }

    /// <summary>The workloads whose last restart by the watch did not help once too often.</summary>
    private IReadOnlyList<GivenUpWorkload> GivenUp(Watch watch) =>
        clock.Now is not { } now
            ? []
            :
            [
                .. from record in records.Known
                where
                    record.Status?.History is [{ Watch: var last }, ..]
                    && string.Equals(last, watch.Identity.ToString(), StringComparison.Ordinal)
                let count = RestartRecords.IneffectiveInLastDay(record.Status, now)
                where count >= watch.Policy.MaxIneffectiveRestarts
                let owner = record.Spec.Owner
                select new GivenUpWorkload($"{owner.Kind} {record.Metadata?.Namespace}/{owner.Name}", count),
            ];

    private bool IsGone(TargetState state) =>
        state.Pod is { } pod
            ? !string.Equals(
                caches.Pods.Get(new ResourceKey(pod.Namespace, pod.Name))?.Metadata?.Uid,
                pod.Uid,
                StringComparison.Ordinal
            )
            : caches.Nodes.Get(new ResourceKey("", state.Node)) is null;

    private bool IsSelected(Watch watch, TargetState state) =>
        watch.Evaluates(state.Constraint.Type)
        && (state.Process is { } process ? watch.Matches(process) : watch.WatchesHosts)
        && (
            state.Pod is not { } pod
            || (
                caches.Pods.Get(new ResourceKey(pod.Namespace, pod.Name)) is { } known
                && watch.Matches(known, caches.Namespaces.Get(new ResourceKey("", pod.Namespace)))
            )
        );

    private bool IsSilent(string node) => readings.SilenceOf(node) is not { } silence || silence >= silentAfter;

    private NodeReading? ReadingOf(string node) => IsSilent(node) ? null : readings.Of(node);

    /// <summary>The readings of the nodes that run what the watch selects; null for one that has not reported.</summary>
    private List<NodeReading?> NodesOf(Watch watch)
    {
        var names = caches
            .PodsOf(watch)
            .Where(pod =>
                pod.Spec?.NodeName is not null
                && watch.Matches(pod, caches.Namespaces.Get(new ResourceKey("", pod.Metadata?.Namespace ?? "")))
            )
            .Select(pod => pod.Spec!.NodeName!);
        var hosts = watch.WatchesHosts ? caches.Nodes.List().Select(node => node.Metadata?.Name ?? "") : [];
        return [.. names.Concat(hosts).Distinct(StringComparer.Ordinal).Select(ReadingOf)];
    }
}
