using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>Lists the pods of a workload, past the caches.</summary>
internal sealed class SiblingReader(ClusterReader cluster)
{
    /// <summary>All pods of the workload, also those that end, without those that ended by themselves.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="owner">The workload.</param>
    /// <param name="selector">Its selector; null lists the whole namespace.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    internal async Task<IReadOnlyList<SiblingPod>> ListAsync(
        string ns,
        OwnerFacts owner,
        LabelSelector? selector,
        CancellationToken cancellationToken
    )
    {
        var labels = selector is null ? null : TextOf(selector);
        var template = owner.TemplateOwner?.Uid ?? owner.Uid;
        var controllers = new HashSet<string>(StringComparer.Ordinal) { owner.Uid, template, owner.ControllerUid };
        if (string.Equals(owner.TemplateKind, "Deployment", StringComparison.Ordinal))
        {
            foreach (var set in await cluster.ListAsync(Kinds.ReplicaSets, cancellationToken, ns, labels))
            {
                if (string.Equals(set.Metadata.Controller()?.Uid, template, StringComparison.Ordinal))
                {
                    controllers.Add(set.Metadata!.Uid ?? "");
                }
            }
        }

        var pods = await cluster.ListAsync(Kinds.Pods, cancellationToken, ns, labels);
        return Of(pods.Where(pod => controllers.Contains(pod.Metadata.Controller()?.Uid ?? "")));
    }

    internal static IReadOnlyList<SiblingPod> Of(IEnumerable<Pod> pods) =>
        [.. pods.Where(pod => !pod.HasEnded()).Select(Of)];

    private static SiblingPod Of(Pod pod)
    {
        var identity = Kinds.Pods.Identify(pod);
        return new(
            identity.Uid,
            identity.Key.Name,
            pod.Spec?.NodeName,
            pod.Metadata.Controller()?.Uid ?? "",
            pod.ReadySince() is not null,
            pod.IsTerminating()
        );
    }

    /// <summary>A selector as the API takes it in a query.</summary>
    private static string TextOf(LabelSelector selector) =>
        string.Join(
            ',',
            (selector.MatchLabels ?? new Dictionary<string, string>(StringComparer.Ordinal))
                .Select(label => $"{label.Key}={label.Value}")
                .Concat((selector.MatchExpressions ?? []).Select(TextOf))
        );

    private static string TextOf(LabelSelectorRequirement requirement) =>
        requirement.Operator switch
        {
            "Exists" => requirement.Key,
            "DoesNotExist" => $"!{requirement.Key}",
            "NotIn" => $"{requirement.Key} notin ({string.Join(',', requirement.Values ?? [])})",
            _ => $"{requirement.Key} in ({string.Join(',', requirement.Values ?? [])})",
        };
}
