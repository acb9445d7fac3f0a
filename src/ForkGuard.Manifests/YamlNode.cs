using System.Text.Json.Nodes;

namespace ForkGuard.Manifests;

/// <summary>A value of a YAML document that knows its line. Aliases make it a graph without cycles.</summary>
internal abstract record YamlNode(int Line);

/// <summary>A scalar as JSON; null is YAML's null.</summary>
internal sealed record YamlScalar(int Line, JsonNode? Value) : YamlNode(Line);

internal sealed record YamlList(int Line, IReadOnlyList<YamlNode> Items) : YamlNode(Line);

internal sealed record YamlMap(int Line, IReadOnlyDictionary<string, YamlMember> Members) : YamlNode(Line)
{
    /// <summary>The text of a member; null if it is absent or something else.</summary>
    public string? Text(string name) =>
        Members.GetValueOrDefault(name)?.Value is YamlScalar { Value: JsonValue value }
        && value.TryGetValue(out string? text)
            ? text
            : null;
}

/// <summary>A member of a map; the line is its key's.</summary>
internal sealed record YamlMember(int Line, YamlNode Value);
