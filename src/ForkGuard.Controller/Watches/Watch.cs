using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Cluster;
using ForkGuard.Policy.Matching;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Watches;

/// <summary>A ForkWatch or a ClusterForkWatch that has passed the validator, ready to judge by.</summary>
internal sealed class Watch
{
    private const string SystemNamespace = "kube-system";
    private const string NameLabel = "kubernetes.io/metadata.name";

    private readonly WatchSpec _spec;
    private readonly LabelSelector? _selector;
    private readonly LabelSelector? _namespaces;
    private readonly HostProcessSelector? _hostProcesses;

    private Watch(
        WatchIdentity identity,
        WatchSpec spec,
        LabelSelector? selector,
        LabelSelector? namespaces,
        HostProcessSelector? hostProcesses
    )
    {
        Identity = identity;
        Rule = WatchRule.From(identity.Name, spec);
        Policy = RestartPolicy.From(spec.Restart);
        _spec = spec;
        _selector = selector;
        _namespaces = namespaces;
        _hostProcesses = hostProcesses;
    }

    internal WatchIdentity Identity { get; }
    internal WatchRule Rule { get; }
    internal RestartPolicy Policy { get; }

    /// <summary>The watch, or null and everything that is wrong with it.</summary>
    internal static Watch? From(WatchResource resource, out IReadOnlyList<ValidationError> errors)
    {
        errors = resource.Validate();
        if (errors.Count > 0)
        {
            return null;
        }

        return resource.ClusterForkWatch is { Spec: { } cluster }
            ? new Watch(resource.Identity, cluster, cluster.Selector, cluster.NamespaceSelector, cluster.HostProcesses)
            : new Watch(
                resource.Identity,
                resource.ForkWatch!.Spec!,
                resource.ForkWatch.Spec!.Selector,
                namespaces: null,
                hostProcesses: null
            );
    }

    /// <summary>The pod is one of those that the watch selects.</summary>
    /// <param name="pod">Any pod.</param>
    /// <param name="space">Its namespace; null if it is not known, and then no namespaceSelector matches it.</param>
    internal bool Matches(Pod pod, Namespace? space)
    {
        var name = pod.Metadata?.Namespace ?? "";
        var inScope = Identity.Kind switch
        {
            ForkGuardApi.ForkWatchKind => string.Equals(name, Identity.Namespace, StringComparison.Ordinal),
            _ when _namespaces is null => !string.Equals(name, SystemNamespace, StringComparison.Ordinal),
            _ => space is not null && NamesSystemOrIsOther(name, space),
        };
        return inScope && _selector is not null && Labels.Match(_selector, pod.Metadata?.Labels);
    }

    /// <summary>The process is one of those that the watch asks for, given that its pod or host matches.</summary>
    internal bool Matches(ProcessReport process) =>
        CommandName.IsOneOf(_spec.Commands, process.Command)
        && (
            process.Pod is null
                ? _hostProcesses is not null
                    && HostProcesses.Match(_hostProcesses, process.SystemdUnit, process.Command)
                : MatchesContainer(process)
        );

    /// <summary>The process is in one of the containers that the watch names, or it names none.</summary>
    internal bool MatchesContainer(ProcessReport process) =>
        _spec.Containers is not { Count: > 0 } containers
        || containers.Contains(process.Container?.Name, StringComparer.Ordinal);

    /// <summary>The watch names the constraint, or none; one of a later version can only be meant by a watch that names none.</summary>
    internal bool Evaluates(OpenEnum<ConstraintType> constraint) =>
        constraint.Known is { } type ? Rule.Evaluates(type) : Rule.Constraints is null;

    internal bool WatchesHosts => _hostProcesses is not null;
    internal bool WatchesPods => _selector is not null;

    /// <summary>The labels of a namespace decide whether the watch selects its pods.</summary>
    internal bool SelectsNamespaces => _namespaces is not null;

    private bool NamesSystemOrIsOther(string name, Namespace space) =>
        Labels.Match(_namespaces!, space.Metadata?.Labels)
        && (!string.Equals(name, SystemNamespace, StringComparison.Ordinal) || NamesSystem(_namespaces!));

    // A selector such as `team NotIn [web]` selects kube-system too, and hardly ever means to.
    private static bool NamesSystem(LabelSelector namespaces) =>
        string.Equals(namespaces.MatchLabels?.GetValueOrDefault(NameLabel), SystemNamespace, StringComparison.Ordinal)
        || namespaces.MatchExpressions?.Any(expression =>
            expression is { Key: NameLabel, Operator: "In", Values: { } values }
            && values.Contains(SystemNamespace, StringComparer.Ordinal)
        ) == true;
}
