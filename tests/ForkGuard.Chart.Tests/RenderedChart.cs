using System.Globalization;
using ForkGuard.Testing;
using YamlDotNet.RepresentationModel;

namespace ForkGuard.Chart.Tests;

/// <summary>The objects that helm makes of the chart.</summary>
internal sealed class RenderedChart
{
    private readonly IReadOnlyList<YamlMappingNode> _objects;

    private RenderedChart(IReadOnlyList<YamlMappingNode> objects) => _objects = objects;

    internal IEnumerable<string> Kinds => _objects.Select(rendered => Text(rendered, "kind")!);

    /// <summary>Renders a values file of the folder ci.</summary>
    internal static async Task<RenderedChart> ReadAsync(string values, params string[] arguments)
    {
        var text = await FetchedTool.Helm.RunAsync([
            "template",
            "forkguard",
            "charts/forkguard",
            "--namespace=fg",
            "--kube-version=1.36.0",
            $"--values=charts/forkguard/ci/{values}-values.yaml",
            .. arguments,
        ]);
        var yaml = new YamlStream();
        using var reader = new StringReader(text);
        yaml.Load(reader);
        return new RenderedChart([.. yaml.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>()]);
    }

    /// <summary>The object of a kind whose name ends so.</summary>
    internal YamlMappingNode Object(string kind, string name = "") =>
        Assert.Single(
            _objects,
            rendered =>
                Text(rendered, "kind") == kind
                && Text(rendered, "metadata", "name")!.EndsWith(name, StringComparison.Ordinal)
        );

    /// <summary>All objects of a kind.</summary>
    internal IEnumerable<YamlMappingNode> Objects(string kind) =>
        _objects.Where(rendered => Text(rendered, "kind") == kind);

    /// <summary>The container of a part.</summary>
    internal YamlNode Container(string part) =>
        Node(Object(part == "agent" ? "DaemonSet" : "Deployment"), "spec", "template", "spec", "containers", "0")!;

    /// <summary>The text at a path of keys and indices; null if there is none.</summary>
    internal static string? Text(YamlNode node, params string[] path) => (Node(node, path) as YamlScalarNode)?.Value;

    /// <summary>The texts of a list at a path; empty if there is none.</summary>
    internal static IEnumerable<string?> Texts(YamlNode node, params string[] path) =>
        (Node(node, path) as YamlSequenceNode)?.Select(item => (item as YamlScalarNode)?.Value) ?? [];

    internal static YamlNode? Node(YamlNode node, params string[] path)
    {
        YamlNode? at = node;
        foreach (var step in path)
        {
            at = at switch
            {
                YamlMappingNode map when map.Children.TryGetValue(step, out var child) => child,
                YamlSequenceNode list
                    when int.TryParse(step, CultureInfo.InvariantCulture, out var index)
                        && index < list.Children.Count => list[index],
                _ => null,
            };
        }

        return at;
    }
}
