using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Cluster;
using ForkGuard.Policy.Matching;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Watches;

/// <summary>A ForkWatch or a ClusterForkWatch that has passed the validator, ready to evaluate by.</summary>
internal sealed class Watch
{
    private Watch(WatchIdentity identity, WatchSpec spec, WatchSelector selector)
    {
        Identity = identity;
        Rule = WatchRule.From(identity.Name, spec);
        Policy = RestartPolicy.From(spec.Restart);
        Selector = selector;
    }

    internal WatchIdentity Identity { get; }
    internal WatchRule Rule { get; }
    internal RestartPolicy Policy { get; }
    internal WatchSelector Selector { get; }

    /// <summary>The watch, or null and everything that is wrong with it.</summary>
    internal static Watch? From(WatchResource resource, out IReadOnlyList<ValidationError> errors)
    {
        errors = resource.Validate();
        if (errors.Count > 0)
        {
            return null;
        }

        return resource.ClusterForkWatch is { Spec: { } spec } cluster
            ? new Watch(resource.Identity, spec, WatchSelector.Of(cluster))
            : new Watch(resource.Identity, resource.ForkWatch!.Spec!, WatchSelector.Of(resource.ForkWatch));
    }

    /// <summary>Reports whether the watch selects the pod.</summary>
    /// <param name="pod">Any pod.</param>
    /// <param name="space">Its namespace; null if it is not known, and then no namespaceSelector matches it.</param>
    internal bool Matches(Pod pod, Namespace? space) => Selector.SelectsPod(pod.Metadata, space?.Metadata);

    /// <summary>Reports whether the watch selects the target of the reading, given that it selects its pod or its host.</summary>
    /// <param name="process">The process; null for a constraint that the whole node shares.</param>
    /// <param name="constraint">The constraint, which may be one that the process shares with those that the watch names.</param>
    internal bool Selects(ProcessReport? process, ConstraintReport constraint) =>
        Evaluates(constraint.Type)
        && (
            process is null ? Selector.WatchesHosts : Selector.Selects(process) || Selector.Shares(process, constraint)
        );

    /// <summary>The watch names the constraint, or none; one of a later version can only be meant by a watch that names none.</summary>
    internal bool Evaluates(OpenEnum<ConstraintType> constraint) =>
        constraint.Known is { } type ? Rule.Evaluates(type) : Rule.Constraints is null;
}
