using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Matching;

namespace ForkGuard.Controller.Evaluation;

/// <summary>Finds the pods of reported processes. A report is not trusted: node, uid and container must be those of the pod.</summary>
internal sealed class ProcessResolver(IResourceCache<Pod> pods, ControllerTelemetry telemetry)
{
    internal ResolvedProcesses Resolve(NodeReading reading, ReportedProcesses reported)
    {
        var resolved = new List<ResolvedProcess>(reported.Processes.Count);
        var mismatched = new HashSet<string>(StringComparer.Ordinal);
        foreach (var process in reported.Processes)
        {
            if (process.Pod is not { } named)
            {
                resolved.Add(new ResolvedProcess(process, Pod: null, Reference: null));
            }
            else if (
                Find(named) is { Metadata.Uid: { } uid } pod
                && string.Equals(pod.Spec?.NodeName, reading.Node, StringComparison.Ordinal)
                && (process.Container?.Name is not { } container || pod.HasContainer(container))
            )
            {
                var reference = new PodReference
                {
                    Namespace = pod.Metadata.Namespace ?? "",
                    Name = pod.Metadata.Name ?? "",
                    Uid = uid,
                };
                resolved.Add(new ResolvedProcess(process, pod, reference));
            }
            else
            {
                mismatched.Add(named.Uid ?? "");
                telemetry.ReportMismatched();
            }
        }

        return new ResolvedProcesses(resolved, mismatched, reported.AbsentBelow);
    }

    // The name is empty where the node has no log folder of the pod.
    private Pod? Find(PodReference named) =>
        named.Name.Length > 0
            ? pods.Get(new ResourceKey(named.Namespace, named.Name)) is { } pod && pod.HasCgroupUid(named.Uid)
                ? pod
                : null
            : pods.ByIndex(Caches.ByCgroupUid, named.Uid ?? "").FirstOrDefault();
}
