using System.Text.Json;
using ForkGuard.Api;
using ForkGuard.Manifests;
using ForkGuard.Policy.Matching;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Cli.Watching;

/// <summary>A watch over processes of this host that belong to no pod.</summary>
internal sealed class HostWatch
{
    private readonly HostProcessSelector _selector;
    private readonly IReadOnlyList<string>? _commands;

    private readonly ClusterForkWatchSpec _spec;

    private HostWatch(WatchRule rule, HostProcessSelector selector, ClusterForkWatchSpec spec)
    {
        Rule = rule;
        _selector = selector;
        _spec = spec;
        _commands = spec.Commands is { Count: > 0 } commands ? commands : null;
        Policy = RestartPolicy.From(spec.Restart) with { MinReadyReplicas = 0, GracePeriodSeconds = null };
        Reference = new WatchReference
        {
            Kind = ForkGuardApi.ClusterForkWatchKind,
            Name = rule.Name,
            Uid = Fingerprint.Of(TextOf(spec)),
        };
    }

    internal WatchRule Rule { get; }

    /// <summary>A changed watch is another one.</summary>
    internal WatchReference Reference { get; }

    /// <summary>A unit has neither replicas nor a grace period but its own.</summary>
    internal RestartPolicy Policy { get; }

    /// <summary>The units to restart. Empty where the action is that of a selector, which is about pods.</summary>
    internal IReadOnlyList<string> RestartUnits =>
        Rule.Action == WatchAction.Restart && _spec.Selector is null ? _selector.Units ?? [] : [];

    /// <summary>Kind and name, as in <c>ClusterForkWatch/host</c>.</summary>
    internal string Name => $"{ForkGuardApi.ClusterForkWatchKind}/{Rule.Name}";

    /// <summary>Null if the watch asks for pods only, which takes a cluster.</summary>
    internal static HostWatch? From(ManifestWatch manifest) =>
        manifest.ClusterForkWatch is { Spec: { } spec, Metadata.Name: { } name } ? From(name, spec) : null;

    internal static HostWatch? From(string name, ClusterForkWatchSpec spec) =>
        spec.HostProcesses is { } selector ? new HostWatch(WatchRule.From(name, spec), selector, spec) : null;

    /// <summary>The same watch for a single look, which cannot wait.</summary>
    internal HostWatch WithoutHold() => new(Rule with { Hold = TimeSpan.Zero }, _selector, _spec);

    /// <summary>Below this percentage nothing can change an event.</summary>
    internal int LowestPercentThatMatters =>
        Math.Max(
            1,
            Rule.Forecast is null
                ? Rule.ClearBelowPercent
                : Math.Min(Rule.ClearBelowPercent, WatchDefaults.ReportAtPercent)
        );

    /// <summary>The other watch has the same name and asks for the same.</summary>
    internal bool IsSameAs(HostWatch other) => Name == other.Name && TextOf(_spec) == TextOf(other._spec);

    internal bool Matches(ProcessReport process) =>
        process.Pod is null
        && CommandName.IsOneOf(_commands, process.Command)
        && HostProcesses.Match(_selector, process.SystemdUnit, process.Command);

    /// <summary>Its settings, in a line.</summary>
    internal string Describe()
    {
        var whom = new List<string>();
        AddNames(whom, "unit", _selector.Units);
        AddNames(whom, "command", _selector.Commands);
        var all = whom.Count == 0 ? "all host processes" : string.Join(" or ", whom);
        var only = _commands is null ? "" : $", only {string.Join(", ", _commands)}";
        var forecast = Rule.Forecast is { } f ? $", forecast {f.TotalSeconds:0} s" : "";
        var whatIf = Rule.EvaluateAs == EvaluationMode.Actual ? "" : $", as though {Rule.EvaluateAs}";
        var restart =
            RestartUnits.Count == 0
                ? ""
                : $", restart {string.Join(", ", RestartUnits)} at {Rule.ActAtPercent} %{(Rule.DryRun ? " (dry run)" : "")}";
        var types = Rule.Constraints is { } named ? $", {string.Join(" and ", named)} only" : "";
        return $"{all}{only}{types}: warn at {Rule.WarnAtPercent} %, clear below {Rule.ClearBelowPercent} %, hold {Rule.Hold.TotalSeconds:0} s{forecast}{whatIf}{restart}";
    }

    private static string TextOf(ClusterForkWatchSpec spec) =>
        JsonSerializer.Serialize(spec, ApiJson.Default.ClusterForkWatchSpec);

    private static void AddNames(List<string> to, string kind, IReadOnlyList<string>? names)
    {
        if (names is { Count: > 0 })
        {
            to.Add($"{kind} {string.Join(", ", names)}");
        }
    }
}
