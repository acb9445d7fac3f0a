using ForkGuard.Api;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Cluster;

/// <summary>The kinds that the controller reads.</summary>
internal static class Kinds
{
    internal static readonly ResourceKind<ForkWatch> ForkWatches = new(
        ForkGuardApi.Group,
        ForkGuardApi.Version,
        ForkGuardApi.ForkWatchKind,
        "forkwatches",
        Namespaced: true,
        static watch => Identify(watch.Metadata),
        ApiJson.Default.ForkWatch
    );

    internal static readonly ResourceKind<ClusterForkWatch> ClusterForkWatches = new(
        ForkGuardApi.Group,
        ForkGuardApi.Version,
        ForkGuardApi.ClusterForkWatchKind,
        "clusterforkwatches",
        Namespaced: false,
        static watch => Identify(watch.Metadata),
        ApiJson.Default.ClusterForkWatch
    );

    internal static readonly ResourceKind<NodeForkReport> NodeForkReports = new(
        ForkGuardApi.Group,
        ForkGuardApi.Version,
        ForkGuardApi.NodeForkReportKind,
        "nodeforkreports",
        Namespaced: false,
        static report => Identify(report.Metadata),
        SharedStrings.In<NodeForkReport>(ApiJson.Default)
    );

    internal static readonly ResourceKind<ForkRestart> ForkRestarts = new(
        ForkGuardApi.Group,
        ForkGuardApi.Version,
        ForkGuardApi.ForkRestartKind,
        "forkrestarts",
        Namespaced: true,
        static record => Identify(record.Metadata),
        ApiJson.Default.ForkRestart
    );

    internal static readonly ResourceKind<ConfigMap> ConfigMaps = new(
        "",
        "v1",
        "ConfigMap",
        "configmaps",
        Namespaced: true,
        static map => Identify(map.Metadata),
        ClusterJson.Default.ConfigMap
    );

    internal static readonly ResourceKind<Pod> Pods = new(
        "",
        "v1",
        "Pod",
        "pods",
        Namespaced: true,
        static pod => Identify(pod.Metadata),
        SharedStrings.In<Pod>(ClusterJson.Default)
    );

    internal static readonly ResourceKind<Node> Nodes = new(
        "",
        "v1",
        "Node",
        "nodes",
        Namespaced: false,
        static node => Identify(node.Metadata),
        SharedStrings.In<Node>(ClusterJson.Default)
    );

    internal static readonly ResourceKind<Namespace> Namespaces = new(
        "",
        "v1",
        "Namespace",
        "namespaces",
        Namespaced: false,
        static space => Identify(space.Metadata),
        SharedStrings.In<Namespace>(ClusterJson.Default)
    );

    internal static readonly ResourceKind<Workload> ReplicaSets = Apps("ReplicaSet", "replicasets");

    /// <summary>PodDisruptionBudgets; version v1beta1 before Kubernetes 1.21.</summary>
    internal static ResourceKind<DisruptionBudget> DisruptionBudgets(string version) =>
        new(
            "policy",
            version,
            "PodDisruptionBudget",
            "poddisruptionbudgets",
            Namespaced: true,
            static budget => Identify(budget.Metadata),
            ClusterJson.Default.DisruptionBudget
        );

    /// <summary>The workloads that are read before a restart: the kinds that own most pods.</summary>
    internal static ResourceKind<Workload>? WorkloadOf(string? apiVersion, string? kind) =>
        apiVersion is "apps/v1"
            ? kind switch
            {
                "ReplicaSet" => ReplicaSets,
                "Deployment" => Apps("Deployment", "deployments"),
                "StatefulSet" => Apps("StatefulSet", "statefulsets"),
                "DaemonSet" => Apps("DaemonSet", "daemonsets"),
                _ => null,
            }
            : null;

    private static ResourceKind<Workload> Apps(string kind, string plural) =>
        new(
            "apps",
            "v1",
            kind,
            plural,
            Namespaced: true,
            static workload => Identify(workload.Metadata),
            ClusterJson.Default.Workload
        );

    private static ResourceIdentity Identify(ObjectMeta? metadata) =>
        new(
            new ResourceKey(metadata?.Namespace ?? "", metadata?.Name ?? ""),
            metadata?.Uid ?? "",
            metadata?.ResourceVersion ?? ""
        );
}
