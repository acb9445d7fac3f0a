using System.Text;
using System.Text.Json.Nodes;

namespace ForkGuard.ApiReference;

/// <summary>The API as a page of Markdown: a table for each object, and the rules that the server keeps beyond it.</summary>
internal static class ReferencePage
{
    private const string Rules = "x-kubernetes-validations";

    public static string Render(IReadOnlyList<CustomResource> resources)
    {
        var page = new StringBuilder();
        page.Append("# API reference\n\n");
        page.Append("<!-- Generated from config/crd by `make update`; what is changed here is lost. -->\n\n");
        page.Append($"Group and version: `{resources[0].Group}/{NameOf(resources[0].Version)}`. ");
        page.Append("`kubectl explain` has the same texts, and `kubectl get forkguard -A` lists all of them.\n\n");
        foreach (var resource in resources)
        {
            page.Append($"* [{resource.Kind}](#{resource.Kind.ToLowerInvariant()})\n");
        }

        foreach (var resource in resources)
        {
            Append(page, resource);
        }

        return page.ToString();
    }

    private static void Append(StringBuilder page, CustomResource resource)
    {
        var shortName = resource.Names["shortNames"]![0];
        page.Append($"\n## {resource.Kind}\n\n{DescriptionOf(resource.Schema)}\n\n");
        page.Append(resource.IsNamespaced ? "Namespaced" : "Cluster-scoped");
        page.Append($"; `kubectl get {shortName}` shows {Columns(resource, wide: false)}, ");
        page.Append($"and with `-o wide` also {Columns(resource, wide: true)}.\n");
        foreach (var part in new[] { "spec", "status" })
        {
            AppendObject(page, resource.Kind, part, resource.Schema["properties"]![part]!.AsObject());
        }
    }

    private static void AppendObject(StringBuilder page, string kind, string path, JsonObject schema)
    {
        var fields = schema["properties"]!.AsObject();
        var required = TextsOf(schema["required"]).ToHashSet(StringComparer.Ordinal);
        page.Append($"\n### {kind}: `{path}`\n\n{DescriptionOf(schema)}\n\n");
        page.Append("| field | type | default | meaning |\n|---|---|---|---|\n");
        foreach (var (name, field) in fields)
        {
            var needed = required.Contains(name) ? ", required" : "";
            var preset = field!["default"] is { } value ? $"`{value.ToJsonString().Trim('"')}`" : "";
            page.Append(
                $"| `{name}` | {TypeOf(field, AnchorOf(kind, path, name))}{needed} | {preset} | {Cell(DescriptionOf(field))} |\n"
            );
        }

        AppendRules(page, schema);
        foreach (var (name, field) in fields)
        {
            var inner = field!["items"] ?? field;
            if (inner["properties"] is not null)
            {
                AppendObject(page, kind, $"{path}.{name}{(inner == field ? "" : "[]")}", inner.AsObject());
            }
        }
    }

    private static void AppendRules(StringBuilder page, JsonObject schema)
    {
        if (schema[Rules] is not JsonArray rules)
        {
            return;
        }

        page.Append("\nRules across fields:\n\n");
        foreach (var rule in rules)
        {
            var field = rule!["fieldPath"] is { } path ? $"`{path.GetValue<string>().TrimStart('.')}`" : "the object";
            page.Append($"* {field}: {rule["message"]}\n");
        }
    }

    /// <summary>The type in words; that of objects leads to their table, which is at the anchor.</summary>
    private static string TypeOf(JsonNode field, string anchor) =>
        field["type"]!.GetValue<string>() switch
        {
            "array" => "list of " + TypeOf(field["items"]!, anchor),
            "object" when field["additionalProperties"] is { } values => $"names and values ({TypeOf(values, anchor)})",
            "object" => $"[object](#{anchor})",
            "boolean" => "true or false",
            "string" when field["enum"] is { } names => string.Join(", ", TextsOf(names).Select(name => $"`{name}`")),
            "string" when field["format"]?.GetValue<string>() is "date-time" => "time",
            "string" => "text",
            var other => other,
        };

    /// <summary>The anchor that a heading gets: its letters and digits, and a hyphen for each space.</summary>
    private static string AnchorOf(string kind, string path, string name) =>
        $"{kind}-{path}{name}"
            .Replace(".", "", StringComparison.Ordinal)
            .Replace("[]", "", StringComparison.Ordinal)
            .ToLowerInvariant();

    private static string Columns(CustomResource resource, bool wide) =>
        string.Join(
            ", ",
            resource.Columns.Where(column => column!["priority"] is not null == wide).Select(column => column!["name"])
        );

    private static string DescriptionOf(JsonNode schema) => schema["description"]?.GetValue<string>() ?? "";

    private static string NameOf(JsonNode version) => version["name"]!.GetValue<string>();

    private static IEnumerable<string> TextsOf(JsonNode? list) =>
        (list as JsonArray ?? []).Select(item => item!.GetValue<string>());

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
