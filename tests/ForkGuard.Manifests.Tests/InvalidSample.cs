using System.Text.Json.Nodes;
using ForkGuard.ApiReference;

namespace ForkGuard.Manifests.Tests;

/// <summary>
/// A manifest that breaks one rule. Its comments say which: the first what is wrong, then <c># schema: FIELD</c> for
/// what every server refuses or <c># rule: FIELD</c> for what needs CEL, and <c># validator: FIELD</c> where the
/// validator names the field that holds that one, or one within it.
/// </summary>
internal sealed record InvalidSample(
    string Name,
    JsonObject Document,
    string Field,
    bool NeedsCel,
    string ValidatorField
)
{
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Directory
            .EnumerateFiles(ManifestPaths.Invalid, "*.yaml")
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The path without the numbers of elements.</summary>
    public static string WithoutNumbers(string path) =>
        string.Concat(path.Split('[', ']').Where((_, index) => index % 2 == 0));

    public static InvalidSample Read(string name)
    {
        var file = Path.Combine(ManifestPaths.Invalid, name + ".yaml");
        var comments = File.ReadLines(file)
            .Where(line => line.StartsWith("# ", StringComparison.Ordinal))
            .Select(line => line[2..].Split(": ", 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        var needsCel = comments.TryGetValue("rule", out var rule);
        var field = needsCel ? rule! : comments["schema"];
        return new(name, YamlDocuments.ReadFile(file), field, needsCel, comments.GetValueOrDefault("validator", field));
    }
}
