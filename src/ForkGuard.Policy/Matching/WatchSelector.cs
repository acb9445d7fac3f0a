using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Matching;

/// <summary>Selection of a watch: pods by namespace and labels, and processes by container, command and unit.</summary>
public sealed class WatchSelector
{
    private const string SystemNamespace = "kube-system";
    private const string NameLabel = "kubernetes.io/metadata.name";

    private readonly WatchSpec _spec;
    private readonly string? _namespace;
    private readonly LabelSelector? _pods;
    private readonly LabelSelector? _namespaces;
    private readonly HostProcessSelector? _hostProcesses;

    private WatchSelector(
        WatchSpec spec,
        string? ns,
        LabelSelector? pods,
        LabelSelector? namespaces,
        HostProcessSelector? hostProcesses
    )
    {
        _spec = spec;
        _namespace = ns;
        _pods = pods;
        _namespaces = namespaces;
        _hostProcesses = hostProcesses;
    }

    /// <summary>Selection of a watch of its own namespace.</summary>
    public static WatchSelector Of(ForkWatch watch)
    {
        ArgumentNullException.ThrowIfNull(watch);
        var spec = watch.Spec ?? new ForkWatchSpec();
        return new WatchSelector(spec, watch.Metadata?.Namespace ?? "", spec.Selector, namespaces: null, null);
    }

    /// <summary>Selection of a watch of many namespaces and of hosts.</summary>
    public static WatchSelector Of(ClusterForkWatch watch)
    {
        ArgumentNullException.ThrowIfNull(watch);
        var spec = watch.Spec ?? new ClusterForkWatchSpec();
        return new WatchSelector(spec, ns: null, spec.Selector, spec.NamespaceSelector, spec.HostProcesses);
    }

    /// <summary>The watch selects processes that belong to no pod.</summary>
    public bool WatchesHosts => _hostProcesses is not null;

    /// <summary>The watch selects pods.</summary>
    public bool WatchesPods => _pods is not null;

    /// <summary>The labels of a namespace decide whether the watch selects its pods.</summary>
    public bool SelectsNamespaces => _namespaces is not null;

    /// <summary>Reports whether the watch selects the pod.</summary>
    /// <param name="pod">Any pod.</param>
    /// <param name="space">Its namespace; null if it is not known, and then no namespaceSelector matches it.</param>
    public bool SelectsPod(ObjectMeta? pod, ObjectMeta? space) =>
        _pods is not null && IsInScope(pod?.Namespace ?? "", space) && Labels.Match(_pods, pod?.Labels);

    /// <summary>Reports whether the watch selects the process, given that it selects its pod or its host.</summary>
    public bool Selects(ProcessReport process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return CommandName.IsOneOf(_spec.Commands, process.Command)
            && (
                process.Pod is null
                    ? _hostProcesses is not null
                        && HostProcesses.Match(_hostProcesses, process.SystemdUnit, process.Command)
                    : SelectsContainer(process)
            );
    }

    /// <summary>
    /// Reports whether the constraint is a limit that the process shares with all processes of its pod, container or unit,
    /// whatever their commands. Its usage is in the worst entry alone.
    /// </summary>
    /// <param name="process">A process of a selected pod, or of the unit of a selected process.</param>
    /// <param name="constraint">A constraint of it.</param>
    public bool Shares(ProcessReport process, ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(process);
        ArgumentNullException.ThrowIfNull(constraint);
        // Usage of the memory constraints is the cost of one process's fork.
        return constraint.Type == ConstraintType.Pids
            && (
                constraint.Scope == ConstraintScope.Pod
                || (constraint.Scope == ConstraintScope.Container && SelectsContainer(process))
                || (constraint.Scope == ConstraintScope.Cgroup && SharesUnit(process, constraint))
            );
    }

    /// <summary>
    /// Reports whether the constraint is a limit that the process shares with its whole unit. A cgroup below that of the unit may
    /// hold the process alone.
    /// </summary>
    public static bool SharesUnit(ProcessReport process, ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(process);
        ArgumentNullException.ThrowIfNull(constraint);
        return constraint.Type == ConstraintType.Pids
            && process.SystemdUnit is { } unit
            && constraint.ScopeName is { } scope
            && !BoundedPath.IsCut(scope)
            && !scope.Contains($"/{unit}/", StringComparison.Ordinal);
    }

    private bool SelectsContainer(ProcessReport process) =>
        _spec.Containers is not { Count: > 0 } containers
        || containers.Contains(process.Container?.Name, StringComparer.Ordinal);

    private bool IsInScope(string name, ObjectMeta? space) =>
        _namespace is not null ? string.Equals(name, _namespace, StringComparison.Ordinal)
        : _namespaces is null ? !string.Equals(name, SystemNamespace, StringComparison.Ordinal)
        : space is not null
            && Labels.Match(_namespaces, space.Labels)
            && (!string.Equals(name, SystemNamespace, StringComparison.Ordinal) || NamesSystem(_namespaces));

    // A selector such as `team NotIn [web]` selects kube-system too, and hardly ever means to.
    private static bool NamesSystem(LabelSelector namespaces) =>
        string.Equals(namespaces.MatchLabels?.GetValueOrDefault(NameLabel), SystemNamespace, StringComparison.Ordinal)
        || namespaces.MatchExpressions?.Any(expression =>
            expression is { Key: NameLabel, Operator: "In", Values: { } values }
            && values.Contains(SystemNamespace, StringComparer.Ordinal)
        ) == true;
}
