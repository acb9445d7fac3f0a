using System.Globalization;
using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Cli.Kubectl;

/// <summary>Something that is wrong, and what mends it.</summary>
/// <param name="Text">One sentence.</param>
/// <param name="Remedy">The cure, or the command that shows more.</param>
internal sealed record ClusterProblem(string Text, string Remedy);

/// <summary>The lines of <c>status</c>, from the objects of a cluster.</summary>
internal sealed class ClusterStatus
{
    private readonly ClusterObjects _objects;
    private readonly List<ClusterProblem> _problems = [];

    internal ClusterStatus(ClusterObjects objects)
    {
        _objects = objects;
        AddAgentProblems();
        AddControllerProblems();
        AddWatchProblems();
        AddRestartProblems();
        _problems.AddRange(objects.Unread);
    }

    internal IReadOnlyList<ClusterProblem> Problems => _problems;

    internal int Nodes => _objects.Nodes?.Count ?? _objects.Reports.Count;

    internal int Reporting => _objects.Reports.Count(report => report.HasCondition("Ready"));

    /// <summary>Number of nodes in each overcommit mode, the most frequent first.</summary>
    internal IEnumerable<(long Mode, int Nodes)> Modes =>
        _objects
            .Reports.Select(report => report.Number("status", "kernel", "overcommitMode"))
            .OfType<long>()
            .GroupBy(mode => mode)
            .Select(group => (group.Key, group.Count()))
            .OrderByDescending(group => group.Item2);

    /// <summary>Number of pods, units and nodes at the default warning level for each constraint.</summary>
    internal IEnumerable<(string Constraint, int Count)> AtRisk =>
        _objects
            .Reports.SelectMany(ReportRows.AllOf)
            .Where(row => row.IsAtRisk)
            .GroupBy(row => row.Constraint, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Count()))
            .OrderByDescending(group => group.Item2);

    internal IReadOnlyList<JsonObject> Watches => _objects.Watches;

    internal int Accepted => Watches.Count(watch => watch.HasCondition("Accepted"));

    internal int WatchesAtRisk => Watches.Count(watch => watch.HasCondition("AtRisk"));

    internal int Paused => Watches.Count(watch => watch.IsTrue("spec", "paused"));

    internal IReadOnlyList<JsonObject> Controllers => [.. PodsOf("controller").Where(IsInstalled)];

    /// <summary>Namespace of ForkGuard; null if the user may list no pod of it.</summary>
    internal string? InstalledIn =>
        (PodsOf("agent").FirstOrDefault(IsAgent) ?? PodsOf("controller").FirstOrDefault())?.NamespaceOf();

    /// <summary>Restarts that have begun and not ended.</summary>
    internal IEnumerable<JsonObject> UnderWay =>
        _objects.Restarts.Where(restart => restart.Text("status", "state") is not (null or "" or "Idle"));

    internal static bool IsReady(JsonObject pod) => pod.HasCondition("Ready");

    /// <summary>Anyone who may create a pod can copy the labels; the pid namespace of the host is granted to few.</summary>
    internal static bool IsAgent(JsonObject pod) => pod.IsTrue("spec", "hostPID");

    private List<JsonObject> PodsOf(string component) =>
        [.. _objects.Pods.Where(pod => pod.Text("metadata", "labels", "app.kubernetes.io/component") == component)];

    private bool IsInstalled(JsonObject named) => InstalledIn is not { } ns || named.NamespaceOf() == ns;

    private void AddAgentProblems()
    {
        var ofNamespace = InstalledIn is { } ns ? $"-n {ns} " : "";
        foreach (var report in _objects.Reports.Where(report => !report.HasCondition("Ready")))
        {
            var why = report.Condition("Ready").Text("message") ?? "its agent has not written a report yet";
            Add(
                $"node {report.NameOf()}: {why}",
                $"kubectl get pods {ofNamespace}-l app.kubernetes.io/component=agent --field-selector spec.nodeName={report.NameOf()}"
            );
        }

        foreach (var report in _objects.Reports.Where(report => report.HasCondition("Degraded")))
        {
            Add(
                $"node {report.NameOf()}: {report.Condition("Degraded").Text("message")}",
                "see docs/known-issues.md, or the log of the agent"
            );
        }

        foreach (var report in _objects.Reports.Where(report => ReportRows.Parse(report) is null))
        {
            Add(
                $"the report of node {report.NameOf()} cannot be read by this version",
                "use the kubectl plugin of the version that is installed in the cluster"
            );
        }

        var reported = _objects.Reports.Select(report => report.NameOf()).ToHashSet(StringComparer.Ordinal);
        foreach (var node in (_objects.Nodes ?? []).Where(node => !reported.Contains(node.NameOf())))
        {
            Add(
                $"node {node.NameOf()} has no NodeForkReport",
                $"the controller creates it: kubectl get pods {ofNamespace}-l app.kubernetes.io/component=controller"
            );
        }
    }

    private void AddControllerProblems()
    {
        if (Controllers.Count == 0)
        {
            Add(
                "no controller runs: watches are not evaluated",
                "helm install forkguard charts/forkguard -n forkguard-system"
            );
            return;
        }

        if (!Controllers.Any(IsReady))
        {
            Add(
                "no controller is ready: watches are not evaluated",
                $"kubectl logs -n {InstalledIn} -l app.kubernetes.io/component=controller"
            );
        }
    }

    private void AddWatchProblems()
    {
        foreach (var watch in Watches.Where(watch => watch.Condition("Accepted").Text("status") == "False"))
        {
            Add(
                $"{ClusterObjects.NameOfWatch(watch)} is not accepted: {watch.Condition("Accepted").Text("message")}",
                "correct the manifest and apply it again"
            );
        }

        foreach (var watch in Watches.Where(watch => watch.Condition("Accepted") is null))
        {
            Add(
                $"{ClusterObjects.NameOfWatch(watch)} has not been evaluated",
                "a controller must run: see above, or its log"
            );
        }

        foreach (var watch in Watches.Where(watch => watch.HasCondition("RestartIneffective")))
        {
            Add(
                $"{ClusterObjects.NameOfWatch(watch)}: {watch.Condition("RestartIneffective").Text("message")}",
                "a restart does not help here: raise the limit or change the program; docs/restarts.md"
            );
        }
    }

    private void AddRestartProblems()
    {
        var map = _objects.Switches.FirstOrDefault(IsInstalled);
        if (map.Text("data", "restarts") is { } value && !value.Trim().Equals("On", StringComparison.OrdinalIgnoreCase))
        {
            Add(
                "restarts are switched off for the whole cluster",
                $"kubectl patch configmap -n {map.NamespaceOf()} {map.NameOf()} --type=merge -p '{{\"data\":{{\"restarts\":\"On\"}}}}'"
            );
        }
    }

    private void Add(string text, string remedy) =>
        _problems.Add(new ClusterProblem(PrintableText.Escape(text), PrintableText.Escape(remedy)));

    internal JsonObject ToJson() =>
        new()
        {
            ["agents"] = new JsonObject { ["reporting"] = Reporting, ["nodes"] = Nodes },
            ["modes"] = new JsonArray([
                .. Modes.Select(mode => new JsonObject { ["overcommitMode"] = mode.Mode, ["nodes"] = mode.Nodes }),
            ]),
            ["controllers"] = new JsonObject { ["ready"] = Controllers.Count(IsReady), ["pods"] = Controllers.Count },
            ["watches"] = new JsonObject
            {
                ["total"] = Watches.Count,
                ["accepted"] = Accepted,
                ["atRisk"] = WatchesAtRisk,
                ["paused"] = Paused,
            },
            ["restarts"] = new JsonArray([
                .. UnderWay.Select(restart => new JsonObject
                {
                    ["namespace"] = restart.NamespaceOf(),
                    ["owner"] = ClusterObjects.OwnerOf(restart),
                    ["state"] = restart.Text("status", "state"),
                    ["pod"] = restart.Text("status", "pod", "name"),
                }),
            ]),
            ["atRisk"] = new JsonArray([
                .. AtRisk.Select(risk => new JsonObject { ["constraint"] = risk.Constraint, ["count"] = risk.Count }),
            ]),
            ["problems"] = new JsonArray([
                .. _problems.Select(problem => new JsonObject
                {
                    ["problem"] = problem.Text,
                    ["remedy"] = problem.Remedy,
                }),
            ]),
        };

    /// <summary>One screen.</summary>
    internal IEnumerable<string> Lines()
    {
        yield return Line("agents", $"{Reporting} of {Count(Nodes, "node")} report");
        yield return Line(
            "modes",
            Join(Modes.Select(mode => $"{Count(mode.Nodes, "node")} in mode {mode.Mode}"), "unknown")
        );
        yield return Line("controllers", $"{Controllers.Count(IsReady)} of {Controllers.Count} ready");
        var paused = Paused == 0 ? "" : $", {Paused} paused";
        yield return Line("watches", $"{Accepted} of {Watches.Count} accepted, {WatchesAtRisk} at risk{paused}");
        yield return Line("at risk", Join(AtRisk.Select(risk => $"{risk.Constraint} {risk.Count}"), "nothing"));
        yield return Line(
            "restarts",
            Join(
                UnderWay.Select(restart =>
                    $"{restart.NamespaceOf()}/{ClusterObjects.OwnerOf(restart)} {restart.Text("status", "state")}"
                ),
                "none under way"
            )
        );
        yield return Line(
            "problems",
            _problems.Count == 0 ? "none" : _problems.Count.ToString(CultureInfo.InvariantCulture)
        );
        foreach (var problem in _problems)
        {
            yield return $"  - {problem.Text}";
            yield return $"    remedy: {problem.Remedy}";
        }
    }

    private static string Line(string name, string text) => $"{name, -13}{PrintableText.Escape(text)}";

    private static string Join(IEnumerable<string> parts, string whenEmpty) =>
        string.Join(", ", parts) is { Length: > 0 } text ? text : whenEmpty;

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
