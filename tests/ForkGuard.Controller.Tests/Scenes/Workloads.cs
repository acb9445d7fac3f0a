using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using k8s.Models;

namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>What the tests run: Deployments of redis pods, watches over them, and processes in them.</summary>
internal static class Workloads
{
    internal static V1Deployment Deployment(int replicas, string node) =>
        new()
        {
            Metadata = new() { Name = Stage.App },
            Spec = new()
            {
                Replicas = replicas,
                Selector = new() { MatchLabels = Labels },
                Template = new()
                {
                    Metadata = new() { Labels = Labels },
                    Spec = PodSpec(node),
                },
            },
        };

    internal static V1StatefulSet StatefulSet(string node, int replicas = 1) =>
        new()
        {
            Metadata = new() { Name = "redis-set" },
            Spec = new()
            {
                Replicas = replicas,
                ServiceName = "redis-set",
                Selector = new() { MatchLabels = LabelsOf("set") },
                Template = new()
                {
                    Metadata = new() { Labels = LabelsOf("set") },
                    Spec = PodSpec(node),
                },
            },
        };

    /// <summary>A ReplicaSet of its own.</summary>
    internal static V1ReplicaSet ReplicaSet(string name, int replicas, string node) =>
        new()
        {
            Metadata = new() { Name = name },
            Spec = new()
            {
                Replicas = replicas,
                Selector = new() { MatchLabels = LabelsOf(name) },
                Template = new()
                {
                    Metadata = new() { Labels = LabelsOf(name) },
                    Spec = PodSpec(node),
                },
            },
        };

    /// <summary>A DaemonSet whose only node is the stage's.</summary>
    internal static V1DaemonSet DaemonSet(string node)
    {
        var daemonSet = new V1DaemonSet
        {
            Metadata = new() { Name = "redis-daemon" },
            Spec = new()
            {
                Selector = new() { MatchLabels = LabelsOf("daemon") },
                Template = new()
                {
                    Metadata = new() { Labels = LabelsOf("daemon") },
                    Spec = PodSpec(node),
                },
            },
        };
        // A node without a kubelet is not ready, and tainted so.
        daemonSet.Spec.Template.Spec.Tolerations = [new() { OperatorProperty = "Exists" }];
        daemonSet.Spec.Template.Spec.NodeSelector = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [HostLabel] = node,
        };
        return daemonSet;
    }

    internal static V1Job Job(string node) =>
        new()
        {
            Metadata = new() { Name = "redis-job" },
            Spec = new()
            {
                Template = new()
                {
                    Metadata = new() { Labels = Labels },
                    Spec = JobPodSpec(node),
                },
            },
        };

    internal const string HostLabel = "kubernetes.io/hostname";

    internal static V1Pod Pod(string name, string node, Action<V1Pod>? with = null)
    {
        var pod = new V1Pod
        {
            Metadata = new() { Name = name, Labels = Labels },
            Spec = PodSpec(node),
        };
        with?.Invoke(pod);
        return pod;
    }

    /// <summary>A spec for pods of the workload that waits for nothing.</summary>
    internal static ForkWatchSpec Spec() =>
        new()
        {
            Selector = new LabelSelector
            {
                MatchLabels = new Dictionary<string, string>(Labels, StringComparer.Ordinal),
            },
            HoldSeconds = 0,
        };

    /// <summary>The same, and restarts whatever reaches 90 %.</summary>
    internal static ForkWatchSpec Restarting(ForkWatchSpec spec, Func<RestartSpec, RestartSpec>? with = null) =>
        spec with
        {
            Action = WatchAction.Restart,
            Restart = (with ?? (restart => restart))(new RestartSpec()),
        };

    /// <summary>A growing process of a pod at a percentage of the limit, measured in the scan that reports it.</summary>
    internal static ProcessReport Process(V1Pod pod, int percent) => Process(pod, Constraint(percent));

    /// <summary>A process of a pod with these constraints, the first of which binds.</summary>
    internal static ProcessReport Process(V1Pod pod, params IReadOnlyList<ConstraintReport> constraints) =>
        Bound(constraints) with
        {
            Pid = 4711,
            StartTimeTicks = 99,
            Command = "redis-server",
            Pod = new PodReference
            {
                Namespace = pod.Metadata.NamespaceProperty,
                Name = pod.Metadata.Name,
                Uid = pod.Metadata.Uid,
            },
            Container = new ContainerReference { Name = Stage.App, Id = "abc" },
        };

    /// <summary>A process whose first constraint binds.</summary>
    internal static ProcessReport Bound(params IReadOnlyList<ConstraintReport> constraints) =>
        new()
        {
            Verdict = constraints.Any(constraint => constraint.Refuses == true) ? Verdict.CannotFork : Verdict.CanFork,
            BindingConstraint = constraints[0].Type,
            Constraints = constraints,
        };

    /// <summary>The largest mapping of a growing process, at a percentage of the limit.</summary>
    internal static ConstraintReport Constraint(int percent) =>
        new()
        {
            Type = ConstraintType.LargestMapping,
            Unit = ConstraintUnit.Bytes,
            Scope = ConstraintScope.Process,
            Used = Stage.Limit / 100 * percent,
            Limit = Stage.Limit,
            Percent = percent,
            Confidence = Confidence.Exact,
            Refuses = percent > 100 ? true : null,
            Growing = true,
            Settled = new SettledReport { Time = DateTimeOffset.UnixEpoch, Used = Stage.Limit / 20 },
        };

    /// <summary>The tasks of a pod that grow, of a limit of 100.</summary>
    internal static ConstraintReport Pids(int tasks) =>
        new()
        {
            Type = ConstraintType.Pids,
            Unit = ConstraintUnit.Tasks,
            Scope = ConstraintScope.Pod,
            ScopeName = "/kubepods/pod",
            Used = tasks,
            Limit = 100,
            Percent = tasks,
            Confidence = Confidence.Exact,
            Refuses = tasks >= 100 ? true : null,
            Growing = true,
            Settled = new SettledReport { Time = DateTimeOffset.UnixEpoch, Used = 5 },
        };

    private static Dictionary<string, string> Labels => new(StringComparer.Ordinal) { ["app"] = Stage.App };

    private static Dictionary<string, string> LabelsOf(string part) =>
        new(Labels, StringComparer.Ordinal) { ["part"] = part };

    private static V1PodSpec JobPodSpec(string node)
    {
        var spec = PodSpec(node);
        spec.RestartPolicy = "Never";
        return spec;
    }

    // On the node from the begin: a scheduler that runs has nothing to place.
    private static V1PodSpec PodSpec(string node) =>
        new()
        {
            NodeName = node,
            AutomountServiceAccountToken = false,
            Containers =
            [
                new()
                {
                    Name = Stage.App,
                    Image = "redis:test",
                    ImagePullPolicy = "Never",
                },
            ],
        };
}
