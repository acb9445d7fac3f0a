using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarting;

/// <summary>A pod and its owners as they are now.</summary>
internal sealed record PodNow(Pod Pod, PodFacts Facts, string? ControllerUid);

/// <summary>Reads what is asked before a restart, past the caches.</summary>
internal sealed class PodFactsReader(ClusterReader cluster, IResourceCache<Pod> pods)
{
    /// <summary>Null if there is no such pod any more.</summary>
    internal async Task<PodNow?> ReadAsync(PodReference reference, CancellationToken cancellationToken)
    {
        var key = new ResourceKey(reference.Namespace, reference.Name);
        if (await cluster.ReadAsync(Kinds.Pods, key, cancellationToken) is not { } pod)
        {
            return null;
        }

        var optOut = pod.Metadata.OptOutOf("the pod");
        OwnerFacts? facts = null;
        var controller = pod.IsStatic() ? null : pod.Metadata.Controller();
        for (var owner = controller; owner is not null; )
        {
            facts = new OwnerFacts(owner.Kind ?? "", key.Namespace, owner.Name ?? "", OtherReady(pod, controller!));
            var workload = await WorkloadOfAsync(owner, key.Namespace, cancellationToken);
            optOut ??= workload?.Metadata.OptOutOf($"{owner.Kind} {owner.Name}");
            owner = workload?.Metadata.Controller();
        }

        return new PodNow(
            pod,
            new PodFacts
            {
                Uid = pod.Metadata?.Uid ?? "",
                Node = pod.Spec?.NodeName,
                IsTerminating = pod.IsTerminating(),
                IsStatic = pod.IsStatic(),
                IsCritical = pod.IsCritical(),
                RunsToCompletion = pod.RunsToCompletion(),
                HasLocalStorage = pod.HasLocalStorage(),
                OptOut = optOut,
                Owner = facts,
            },
            controller?.Uid
        );
    }

    private async Task<Workload?> WorkloadOfAsync(
        OwnerReference owner,
        string space,
        CancellationToken cancellationToken
    ) =>
        Kinds.WorkloadOf(owner) is { } kind
            ? await cluster.ReadAsync(kind, new ResourceKey(space, owner.Name ?? ""), cancellationToken)
            : null;

    private int OtherReady(Pod pod, OwnerReference controller) =>
        pods.ByIndex(Caches.ByController, controller.Uid ?? "")
            .Count(other =>
                !string.Equals(other.Metadata?.Uid, pod.Metadata?.Uid, StringComparison.Ordinal)
                && !other.IsTerminating()
                && other.ReadySince() is not null
            );
}
