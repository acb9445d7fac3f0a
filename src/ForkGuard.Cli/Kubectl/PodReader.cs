using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Cli.Kubectl;

/// <summary>A pod with the workload that it belongs to.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="OwnerKind">Kind of its top owner; empty without one.</param>
/// <param name="OwnerName">Name of its top owner.</param>
internal sealed record OwnedPod(JsonObject Pod, string OwnerKind, string OwnerName)
{
    internal string Namespace => Pod.NamespaceOf();

    internal string Name => Pod.NameOf();

    internal string Node => Pod.Text("spec", "nodeName") ?? "";

    /// <summary>
    /// Uid by which reports name the pod: that of a static pod is the hash of its manifest.
    /// </summary>
    internal string Uid =>
        Pod.Text("metadata", "annotations", "kubernetes.io/config.mirror") ?? Pod.Text("metadata", "uid") ?? "";
}

/// <summary>Reads pods.</summary>
internal static class PodReader
{
    // As the controller, which records restarts by the owner that it arrives at.
    private const int MaxLinks = 5;

    private static readonly Dictionary<string, string> Workloads = new(StringComparer.Ordinal)
    {
        ["ReplicaSet"] = "replicasets",
        ["Deployment"] = "deployments",
        ["StatefulSet"] = "statefulsets",
        ["DaemonSet"] = "daemonsets",
    };

    /// <summary>Reads a pod and its top owner.</summary>
    /// <exception cref="ClusterException">The pod does not exist, is on no node, or the server gave no usable answer.</exception>
    internal static async Task<OwnedPod> ReadAsync(KubectlSession session, string name, CancellationToken stop)
    {
        var path = $"api/v1/namespaces/{Escape(session.Namespace)}/pods";
        var pod =
            await session.Reader.GetAsync($"{path}/{Escape(name)}", stop)
            ?? throw new ClusterException(
                $"pods {PrintableText.Quote(name)} not found in namespace {PrintableText.Escape(session.Namespace)}"
                    + await SuggestionAsync(session, path, name, stop)
            );
        var owner = await TopOwnerAsync(session.Reader, pod, stop);
        var owned = new OwnedPod(pod, owner.Kind, owner.Name);
        return owned.Node.Length > 0
            ? owned
            : throw new ClusterException(
                $"pod {owned.Namespace}/{owned.Name} is on no node yet: kubectl describe pod -n {owned.Namespace} {owned.Name}"
            );
    }

    private static async Task<string> SuggestionAsync(
        KubectlSession session,
        string path,
        string name,
        CancellationToken stop
    )
    {
        try
        {
            var names = (await session.Reader.ListAsync(path, "", stop)).Select(pod => pod.NameOf());
            return Api.Validation.NearestName.Of(name, names) is { } near ? $"; did you mean {near}?" : "";
        }
        catch (ClusterException)
        {
            return "";
        }
    }

    /// <summary>The owner of the pod whose restarts are recorded: the last one that is a workload of Kubernetes, or belongs to one.</summary>
    private static async Task<(string Kind, string Name)> TopOwnerAsync(
        ClusterReader reader,
        JsonObject pod,
        CancellationToken stop
    )
    {
        var owner = ControllerOf(pod);
        for (var links = 1; links < MaxLinks && Workloads.TryGetValue(owner.Kind, out var collection); links++)
        {
            try
            {
                var path = $"apis/apps/v1/namespaces/{Escape(pod.NamespaceOf())}/{collection}/{Escape(owner.Name)}";
                if (
                    await reader.GetAsync(path, stop) is not { } workload
                    || ControllerOf(workload) is not { Kind.Length: > 0 } above
                )
                {
                    break;
                }

                owner = above;
            }
            catch (ClusterException e) when (e.IsForbidden)
            {
                break;
            }
        }

        return owner;
    }

    private static (string Kind, string Name) ControllerOf(JsonObject json) =>
        json.Objects("metadata", "ownerReferences").FirstOrDefault(reference => reference.IsTrue("controller"))
            is { } owner
            ? (owner.Text("kind") ?? "", owner.Text("name") ?? "")
            : ("", "");

    private static string Escape(string name) => Uri.EscapeDataString(name);
}
