using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>The top owner of a pod as it is now.</summary>
/// <param name="Owner">Null for a pod without a controller, or if an owner is gone.</param>
/// <param name="Selector">The owner's selector; null if it is not known.</param>
/// <param name="OptOut">The mark that forbids a restart on the pod or an owner; null if nothing does.</param>
internal sealed record OwnerNow(OwnerFacts? Owner, LabelSelector? Selector, string? OptOut)
{
    /// <summary>The owners between the pod and <see cref="Owner"/>.</summary>
    internal IReadOnlyList<RestartOwner> Below { get; init; } = [];
}

/// <summary>Follows controllers from a pod to its workload, past the caches.</summary>
internal sealed class OwnerReader(ClusterReader cluster)
{
    private const int MaxLinks = 5;

    /// <summary>
    /// The top owner of a pod: at most five links, each uid compared. An owner of an unknown kind ends the walk there; one
    /// of a known kind that may not be read throws, because the owner at which the walk would end has another record.
    /// </summary>
    internal async Task<OwnerNow> WalkAsync(Pod pod, CancellationToken cancellationToken)
    {
        var optOut = pod.Metadata.OptOutOf("Pod");
        var controller = pod.IsStatic() ? null : pod.Metadata.Controller();
        var ns = pod.Metadata?.Namespace ?? "";
        OwnerFacts? top = null;
        LabelSelector? selector = null;
        var links = new List<RestartOwner>();
        var owner = controller;
        for (var link = 0; owner is not null && link < MaxLinks; link++)
        {
            links.Add(Of(owner));
            if (Kinds.WorkloadOf(owner.ApiVersion, owner.Kind) is not { } kind)
            {
                top = top is null ? FactsOf(owner, controller!.Uid ?? "", workload: null) : OwnedBy(owner, top);
                break;
            }

            var workload = await cluster.ReadAsync(kind, new ResourceKey(ns, owner.Name ?? ""), cancellationToken);
            if (!string.Equals(workload?.Metadata?.Uid, owner.Uid, StringComparison.Ordinal))
            {
                return new OwnerNow(Owner: null, Selector: null, optOut);
            }

            top = FactsOf(owner, controller!.Uid ?? "", workload);
            selector = workload?.Spec?.Selector;
            var next = workload?.Metadata.Controller();
            // A Deployment copies its annotations to its ReplicaSets, and never takes them back.
            optOut ??=
                owner.Kind is "ReplicaSet" && next?.Kind is "Deployment"
                    ? null
                    : workload?.Metadata.OptOutOf(owner.Kind ?? "");
            owner = next;
        }

        return new OwnerNow(top, selector, optOut) { Below = [.. links.SkipLast(1)] };
    }

    /// <summary>
    /// The owner of a restart in progress, or null if it or its template owner is gone. An owner of an unknown kind counts as
    /// unchanged, except for its template owner.
    /// </summary>
    internal async Task<OwnerNow> ReadAsync(
        string ns,
        RestartOwner owner,
        RestartRun run,
        CancellationToken cancellationToken
    )
    {
        var unchanged = Unchanged(owner, run);
        var template = run.TemplateOwner;
        if (Kinds.WorkloadOf(template?.ApiVersion ?? owner.ApiVersion, template?.Kind ?? owner.Kind) is not { } kind)
        {
            return new OwnerNow(unchanged with { IsUnread = true }, Selector: null, OptOut: null);
        }

        var name = template?.Name ?? owner.Name;
        var workload = await cluster.ReadAsync(kind, new ResourceKey(ns, name), cancellationToken);
        if (workload is null)
        {
            return new OwnerNow(Owner: null, Selector: null, OptOut: null);
        }

        var uid = workload.Metadata?.Uid ?? "";
        var now = template is null
            ? unchanged with
            {
                Uid = uid,
            }
            : unchanged with
            {
                TemplateOwner = template with { Uid = uid },
            };
        return new OwnerNow(With(now, workload), workload.Spec?.Selector, OptOut: null);
    }

    internal static RestartOwner Of(OwnerReference owner) =>
        new()
        {
            ApiVersion = owner.ApiVersion ?? "",
            Kind = owner.Kind ?? "",
            Name = owner.Name ?? "",
        };

    /// <summary>The owner as it was when the restart was decided.</summary>
    internal static OwnerFacts Unchanged(RestartOwner owner, RestartRun run) =>
        new()
        {
            Owner = owner,
            Uid = run.OwnerUid,
            ControllerUid = run.ControllerUid,
            TemplateOwner = run.TemplateOwner,
            TemplateHash = run.TemplateHash,
            Replicas = run.Replicas,
        };

    /// <summary>The facts of an owner of an unknown kind: the template and the replicas are those of the workload below it.</summary>
    private static OwnerFacts OwnedBy(OwnerReference owner, OwnerFacts below) =>
        below with
        {
            Owner = Of(owner),
            Uid = owner.Uid ?? "",
            TemplateOwner = new TemplateOwner
            {
                ApiVersion = below.Owner.ApiVersion,
                Kind = below.Owner.Kind,
                Name = below.Owner.Name,
                Uid = below.Uid,
            },
        };

    private static OwnerFacts FactsOf(OwnerReference owner, string controllerUid, Workload? workload) =>
        With(
            new OwnerFacts
            {
                Owner = Of(owner),
                Uid = owner.Uid ?? "",
                ControllerUid = controllerUid,
            },
            workload
        );

    private static OwnerFacts With(OwnerFacts facts, Workload? workload) =>
        workload?.Spec is not { } spec
            ? facts
            : facts with
            {
                TemplateHash = spec.Template is { } template ? RestartNames.Hash(template.GetRawText()) : null,
                Replicas = spec.Replicas,
                ProgressDeadline = spec.ProgressDeadlineSeconds is { } seconds
                    ? TimeSpan.FromSeconds(seconds)
                    : facts.ProgressDeadline,
            };
}
