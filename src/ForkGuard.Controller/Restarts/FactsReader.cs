using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Matching;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>Reads what a step depends on, past the caches.</summary>
internal sealed class FactsReader(
    ClusterReader cluster,
    RestartStore store,
    WatchReader watches,
    OwnerReader owners,
    SiblingReader siblings,
    PodRemover remover,
    RestartSwitch restartSwitch,
    LeaseReader leases,
    LocalFacts local
)
{
    /// <summary>Facts that the controller has without a request.</summary>
    internal RestartFacts Own => local.Own;

    /// <summary>The world as it is now, as far as the record and the request need it.</summary>
    internal async Task<RestartFacts> ReadAsync(
        RecordKey key,
        ForkRestart? record,
        RestartRequest? request,
        RestartWriter writer,
        CancellationToken cancellationToken
    )
    {
        var run = record?.Status?.Restart;
        var reference = request?.Pod ?? run?.Pod;
        var pod = reference is null ? null : await PodAsync(reference, cancellationToken);
        var facts = local.Own;
        if (
            record?.Status?.Writer is { } last
            && !string.Equals(last.LeaseUid, writer.LeaseUid, StringComparison.Ordinal)
        )
        {
            facts = await WithOtherLeaseAsync(facts, last, writer, cancellationToken);
        }

        var (owner, isOwned) = await OwnerAsync(key, run, request, pod, cancellationToken);
        if (pod is not null)
        {
            facts = facts with { Pod = LocalFacts.Of(pod) with { OptOut = owner.OptOut } };
        }

        if (owner.Owner is { } workload)
        {
            facts = facts with
            {
                Owner = workload,
                IsOwned = isOwned,
                Siblings = await siblings.ListAsync(key.Namespace, workload, owner.Selector, cancellationToken),
            };
        }

        return request is null
            ? facts
            : await WithRequestAsync(facts, key, owner.Below, request, pod, cancellationToken);
    }

    private async Task<RestartFacts> WithRequestAsync(
        RestartFacts facts,
        RecordKey key,
        IReadOnlyList<RestartOwner> below,
        RestartRequest request,
        Pod? pod,
        CancellationToken cancellationToken
    )
    {
        var records = await store.ListAsync(cancellationToken);
        var former = below.Select(owner => new RecordKey(key.Namespace, owner).Resource).ToHashSet();
        var own = former.Append(key.Resource).ToHashSet();
        var watch = await WatchAsync(request.Watch, cancellationToken);
        // Nodes may be listed, and not be read by name.
        var nodes = await cluster.ListAsync(Kinds.Nodes, cancellationToken, name: request.Node);
        return facts with
        {
            Node = LocalFacts.Of(nodes is [var node] ? node : null),
            OwnersBelow = below,
            StaleWatch = StaleWatch(request.Watch, watch),
            Mismatch = pod is null
                ? null
                : Restarted(request, pod) ?? await NotSelectedAsync(watch, pod, cancellationToken),
            Open =
            [
                .. records
                    .Where(other => RestartStore.KeyOf(other) != key.Resource)
                    .Select(RestartStore.OpenOf)
                    .OfType<OpenRestart>(),
            ],
            FormerRecords =
            [
                .. records
                    .Where(other => former.Contains(RestartStore.KeyOf(other)) || IsOfFormerOwner(other, key, own))
                    .Select(other => other.Status)
                    .OfType<ForkRestartStatus>(),
            ],
            Failures = [.. records.SelectMany(other => RestartRecords.Failures(other.Status))],
            DisruptionBudgets =
                pod is null || request.Policy.Method != RestartMethod.Evict
                    ? 0
                    : await BudgetsAsync(pod, cancellationToken),
            Blocked = local.BlockedOf(request.Pod.Uid),
            SwitchedOff = await restartSwitch.ReadAsync(cancellationToken),
        };
    }

    /// <summary>Reports whether the workload, or an owner below it, was below the workload of the record.</summary>
    private static bool IsOfFormerOwner(ForkRestart other, RecordKey key, HashSet<ResourceKey> own) =>
        RestartStore.KeyOf(other) is var of
        && of != key.Resource
        && string.Equals(of.Namespace, key.Namespace, StringComparison.Ordinal)
        && (other.Status?.OwnersBelow ?? []).Any(owner => own.Contains(new RecordKey(key.Namespace, owner).Resource));

    /// <summary>The pod by name, also one of another uid.</summary>
    private Task<Pod?> PodAsync(PodReference reference, CancellationToken cancellationToken) =>
        cluster.ReadAsync(Kinds.Pods, new ResourceKey(reference.Namespace, reference.Name), cancellationToken);

    /// <summary>The workload of the record, and whether the pod of the request belongs to it.</summary>
    private async Task<(OwnerNow Owner, bool IsOwned)> OwnerAsync(
        RecordKey key,
        RestartRun? run,
        RestartRequest? request,
        Pod? pod,
        CancellationToken cancellationToken
    )
    {
        if (request is not null && pod is not null)
        {
            var walked = await owners.WalkAsync(pod, cancellationToken);
            if (walked.Owner?.Owner == key.Owner)
            {
                return (walked, true);
            }
        }

        return run is null
            ? (new OwnerNow(Owner: null, Selector: null, OptOut: null), false)
            : (await owners.ReadAsync(key.Namespace, key.Owner, run, cancellationToken), request is null);
    }

    /// <summary>
    /// The record was written under another Lease: of another installation that may be alive, or of one that was deleted. Only
    /// the live holder of this Lease takes the record over.
    /// </summary>
    private async Task<RestartFacts> WithOtherLeaseAsync(
        RestartFacts facts,
        RestartWriter last,
        RestartWriter own,
        CancellationToken cancellationToken
    )
    {
        var holder = await leases.LiveHolderAsync(own.LeaseNamespace, own.LeaseUid, cancellationToken);
        return facts with
        {
            IsLeader = facts.IsLeader && string.Equals(holder, own.Identity, StringComparison.Ordinal),
            OtherInstallation = await leases.LiveHolderAsync(last.LeaseNamespace, last.LeaseUid, cancellationToken),
        };
    }

    private Task<WatchResource?> WatchAsync(WatchReference evaluated, CancellationToken cancellationToken) =>
        watches.ReadAsync(
            new WatchIdentity(evaluated.Kind, evaluated.Namespace ?? "", evaluated.Name),
            cancellationToken
        );

    private static string? StaleWatch(WatchReference evaluated, WatchResource? live) =>
        live is null || !string.Equals(live.Metadata.Uid, evaluated.Uid, StringComparison.Ordinal)
            ? "the watch was deleted after the evaluation"
        : live.Metadata.Generation != evaluated.Generation ? "the watch was changed after the evaluation"
        : null;

    /// <summary>The pod is the same one after its container was restarted, and the process of the reading is gone.</summary>
    private static string? Restarted(RestartRequest request, Pod pod) =>
        pod.HasRestartedContainer(request.Container, request.ContainerId)
            ? $"container {request.Container} was restarted after the reading"
            : null;

    /// <summary>The labels of the pod or of its namespace may have changed after the evaluation, which no cache proves.</summary>
    private async Task<string?> NotSelectedAsync(WatchResource? live, Pod pod, CancellationToken cancellationToken)
    {
        if (live is null || Watch.From(live, out _) is not { } watch)
        {
            return null;
        }

        IReadOnlyList<Namespace> spaces = watch.Selector.SelectsNamespaces
            ? await cluster.ListAsync(Kinds.Namespaces, cancellationToken, name: pod.Metadata?.Namespace)
            : [];
        return watch.Matches(pod, spaces is [var space] ? space : null)
            ? null
            : $"{watch.Identity} does not select the pod any more";
    }

    private async Task<int> BudgetsAsync(Pod pod, CancellationToken cancellationToken)
    {
        var version = (await remover.EvictionVersionAsync(cancellationToken)).Split('/')[^1];
        var budgets = await cluster.ListAsync(
            Kinds.DisruptionBudgets(version),
            cancellationToken,
            pod.Metadata?.Namespace
        );
        return budgets.Count(budget =>
            budget.Spec?.Selector is { } selector
            && (!IsEmpty(selector) || !version.Contains("beta", StringComparison.Ordinal))
            && Labels.Match(selector, pod.Metadata?.Labels)
        );
    }

    private static bool IsEmpty(LabelSelector selector) =>
        selector is { MatchLabels: null or { Count: 0 }, MatchExpressions: null or { Count: 0 } };
}
