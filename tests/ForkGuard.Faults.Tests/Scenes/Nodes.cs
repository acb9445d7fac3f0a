using ForkGuard.Controller.Tests.Scenes;
using k8s;
using k8s.Models;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>Nodes as a kubelet registers them.</summary>
internal static class Nodes
{
    internal static V1Node New(string name) =>
        new()
        {
            Metadata = new()
            {
                Name = name,
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { [Workloads.HostLabel] = name },
            },
        };

    internal static async Task CreateAsync(IKubernetes admin, V1Node node, CancellationToken cancellationToken)
    {
        await admin.CoreV1.CreateNodeAsync(node, cancellationToken: cancellationToken);
        await admin.CoreV1.PatchNodeStatusAsync(
            new V1Patch(
                """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""",
                V1Patch.PatchType.StrategicMergePatch
            ),
            node.Metadata.Name,
            cancellationToken: cancellationToken
        );
    }
}
