using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ForkGuard.ApiReference;

/// <summary>Reads the project's own YAML as JSON; anchors are written out.</summary>
internal static class YamlDocuments
{
    /// <summary>One node for each document; null for an empty one.</summary>
    public static IReadOnlyList<JsonNode?> Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => Convert(document.RootNode))];
    }

    /// <summary>The one document of a file.</summary>
    /// <exception cref="InvalidOperationException">There is none, there are several, or it is no object.</exception>
    public static JsonObject ReadFile(string file) => Read(File.ReadAllText(file)).Single()!.AsObject();

    private static JsonNode? Convert(YamlNode node) =>
        node switch
        {
            YamlMappingNode map => new JsonObject(
                map.Children.Select(member =>
                    KeyValuePair.Create(((YamlScalarNode)member.Key).Value!, Convert(member.Value))
                )
            ),
            YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
            YamlScalarNode { Style: ScalarStyle.Plain, Value: var plain } => ConvertPlain(plain ?? ""),
            YamlScalarNode scalar => scalar.Value,
            _ => throw new InvalidOperationException($"line {node.Start.Line}: {node.NodeType}"),
        };

    private static JsonNode? ConvertPlain(string text) =>
        text switch
        {
            "" or "~" or "null" => null,
            "true" => true,
            "false" => false,
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) =>
                whole,
            _ => text,
        };
}
