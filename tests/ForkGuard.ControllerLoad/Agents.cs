using System.Text.Json;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using k8s;
using k8s.Models;

namespace ForkGuard.ControllerLoad;

/// <summary>The agents of all nodes, as far as the API server sees them.</summary>
internal sealed class Agents(IKubernetes client, ClusterSize size, Population population)
{
    /// <summary>Processes of the host that a report names besides the pods.</summary>
    private const int HostProcesses = 6;

    private const long Limit = 256L << 30;

    /// <summary>Writes a report of a node on which nothing is near its limit.</summary>
    internal Task ReportAsync(int node) => WriteAsync(node, atRisk: -1);

    /// <summary>Writes a report in which one pod of the node is above its watch's warning level.</summary>
    internal Task ReportAtRiskAsync(int pod) => WriteAsync(size.NodeOf(pod), pod);

    private Task<object> WriteAsync(int node, int atRisk)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        IEnumerable<ProcessReport> processes =
        [
            .. Enumerable
                .Range(0, size.PodsPerNode)
                .Select(i => node + (i * size.Nodes))
                .Select(pod => OfPod(pod, pod == atRisk ? 75 : 12 + (pod % 20), now)),
            .. Enumerable.Range(0, HostProcesses).Select(i => OfHost(i, now)),
        ];
        NodeForkReport report = new()
        {
            Metadata = new ObjectMeta { Name = ClusterSize.NodeName(node) },
            Status = new NodeForkReportStatus
            {
                ObservedTime = now,
                Kernel = new KernelReport
                {
                    Release = "6.12.0",
                    OvercommitMode = 0,
                    LimitBytes = Limit,
                    CommittedBytes = Limit / 2,
                },
                Scan = new ScanReport { Processes = 1000, DurationMicroseconds = 4000 },
                Conditions =
                [
                    new Api.Condition
                    {
                        Type = "Ready",
                        Status = "True",
                        LastTransitionTime = now,
                    },
                ],
                Processes = [.. processes.OrderByDescending(process => process.Binding()!.Percent)],
            },
        };
        return client.CustomObjects.PatchClusterCustomObjectStatusAsync(
            new V1Patch(JsonSerializer.Serialize(report, ApiJson.Default.NodeForkReport), V1Patch.PatchType.MergePatch),
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            "nodeforkreports",
            report.Metadata.Name
        );
    }

    private ProcessReport OfPod(int pod, int percent, DateTimeOffset now) =>
        Process(pod, "redis-server", percent, now) with
        {
            Pod = new PodReference
            {
                Namespace = size.NamespaceOf(pod),
                Name = ClusterSize.PodName(pod),
                Uid = population.PodUids[pod],
            },
            Container = new ContainerReference { Name = "server", Id = $"{pod:x64}" },
        };

    private static ProcessReport OfHost(int i, DateTimeOffset now) =>
        Process(i, $"daemon-{i}", 11, now) with
        {
            SystemdUnit = $"daemon-{i}.service",
        };

    private static ProcessReport Process(int pid, string command, int percent, DateTimeOffset now) =>
        new()
        {
            MeasuredTime = now,
            Pid = 1000 + pid,
            StartTimeTicks = 99,
            Command = command,
            Verdict = Verdict.CanFork,
            BindingConstraint = ConstraintType.LargestMapping,
            Constraints =
            [
                new ConstraintReport
                {
                    Type = ConstraintType.LargestMapping,
                    Unit = ConstraintUnit.Bytes,
                    Scope = ConstraintScope.Process,
                    Used = Limit / 100 * percent,
                    Limit = Limit,
                    Percent = percent,
                    Confidence = Confidence.Exact,
                    Growing = true,
                },
            ],
        };
}
