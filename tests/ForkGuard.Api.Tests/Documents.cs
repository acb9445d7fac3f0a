using System.Text.Json.Nodes;
using ForkGuard.Api.Validation;

namespace ForkGuard.Api.Tests;

/// <summary>Manifests in short: what matters of a spec, in a document that is good otherwise.</summary>
internal static class Documents
{
    public static JsonObject ForkWatch(string spec) =>
        Of("ForkWatch", """ "selector": {"matchLabels": {"app": "a"}} """, spec);

    public static JsonObject ClusterForkWatch(string spec) => Of("ClusterForkWatch", "", spec);

    public static IReadOnlyList<string> Errors(JsonNode? document) =>
        [.. WatchDocument.Read(document).Errors.Select(error => error.ToString())];

    public static string Paths(IEnumerable<ValidationError> errors) =>
        string.Join(' ', errors.Select(error => error.Path));

    private static JsonObject Of(string kind, string start, string spec)
    {
        var members = start.Length > 0 && spec.Length > 0 ? $"{start}, {spec}" : start + spec;
        return JsonNode
            .Parse(
                $$"""
                {"apiVersion": "forkguard.io/v1alpha1", "kind": "{{kind}}", "metadata": {"name": "w"}, "spec": { {{members}} } }
                """
            )!
            .AsObject();
    }
}
