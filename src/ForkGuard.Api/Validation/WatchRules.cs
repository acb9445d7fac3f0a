namespace ForkGuard.Api.Validation;

/// <summary>The rules of whole watches: what must be there, and what goes together.</summary>
internal static class WatchRules
{
    private const string Selector = "spec.selector";
    private const string HostProcesses = "spec.hostProcesses";

    public static void Check(ForkWatch watch, Findings findings)
    {
        CheckName(watch.Metadata, findings);
        if (watch.Metadata?.Namespace is { } given && !ObjectNames.IsLabel(given))
        {
            findings.Add("metadata.namespace", ObjectNames.MustBeLabel(given));
        }

        if (watch.Spec is not { } spec)
        {
            findings.Add("spec", "is missing and must be given, with at least a selector");
            return;
        }

        if (spec.Selector is null)
        {
            findings.Add(Selector, "is missing and must be given; which pods, such as matchLabels: {app: redis}?");
        }
        else
        {
            SelectorRules.CheckPods(Selector, spec.Selector, findings);
        }

        CheckCommon(spec, findings);
    }

    /// <param name="watch">The watch.</param>
    /// <param name="isOnHost">A host evaluates it, which has systemd and no pods.</param>
    /// <param name="findings">Takes the errors.</param>
    public static void Check(ClusterForkWatch watch, bool isOnHost, Findings findings)
    {
        CheckName(watch.Metadata, findings);
        if (watch.Metadata?.Namespace is not null)
        {
            findings.Add(
                "metadata.namespace",
                "must be left out, a ClusterForkWatch belongs to none; namespaceSelector selects the ones it watches"
            );
        }

        if (watch.Spec is not { } spec)
        {
            findings.Add("spec", "is missing and must be given, with a selector, hostProcesses or both");
            return;
        }

        CheckTargets(spec, isOnHost, findings);
        CheckCommon(spec, findings);
    }

    private static void CheckTargets(ClusterForkWatchSpec spec, bool isOnHost, Findings findings)
    {
        if (spec.Selector is not null)
        {
            SelectorRules.CheckPods(Selector, spec.Selector, findings);
        }
        else if (spec.HostProcesses is null)
        {
            findings.Add(
                "spec",
                "has no target; give a selector (pods), hostProcesses ({} means all of them) or both",
                Selector,
                HostProcesses
            );
        }
        else if (spec.Action == WatchAction.Restart && isOnHost)
        {
            if (spec.HostProcesses.Units is null or { Count: 0 })
            {
                findings.Add(
                    "spec.action",
                    "is Restart but hostProcesses names no unit to restart; give hostProcesses.units, or action: Event",
                    HostProcesses
                );
            }
        }
        else if (spec.Action == WatchAction.Restart)
        {
            findings.Add(
                "spec.action",
                "is Restart but host processes are never restarted; give a selector, or action: Event",
                Selector
            );
        }

        if (spec.NamespaceSelector is not null)
        {
            SelectorRules.Check("spec.namespaceSelector", spec.NamespaceSelector, findings);
            if (spec.Selector is null)
            {
                findings.Add(
                    "spec.namespaceSelector",
                    "does nothing without a selector; give one, or leave this out",
                    Selector
                );
            }
        }

        if (spec.HostProcesses is not null)
        {
            NameListRules.CheckUnits(HostProcesses + ".units", spec.HostProcesses.Units, findings);
            NameListRules.CheckCommands(HostProcesses + ".commands", spec.HostProcesses.Commands, findings);
        }
    }

    private static void CheckName(ObjectMeta? metadata, Findings findings)
    {
        const string path = "metadata.name";
        if (metadata?.Name is not { } name)
        {
            findings.Add(path, "is missing and must be given");
        }
        else if (!ObjectNames.IsSubdomain(name))
        {
            findings.Add(path, ObjectNames.MustBeSubdomain(name));
        }
    }

    private static void CheckCommon(WatchSpec spec, Findings findings)
    {
        NameListRules.CheckContainers("spec.containers", spec.Containers, findings);
        NameListRules.CheckCommands("spec.commands", spec.Commands, findings);
        CheckConstraints(spec, findings);
        LevelRules.Check(spec, findings);
        if (spec.Restart is not null)
        {
            RestartRules.Check(spec.Restart, findings);
        }
    }

    private static void CheckConstraints(WatchSpec spec, Findings findings)
    {
        foreach (var repeated in (spec.Constraints ?? []).GroupBy(type => type).Where(group => group.Count() > 1))
        {
            findings.Add("spec.constraints", $"must name {repeated.Key} once");
        }
    }
}
