using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.ApiReference;

namespace ForkGuard.Manifests.Tests.Schemas;

/// <summary>The definitions of config/crd beside the records that stand for them.</summary>
internal static class CustomResources
{
    public static IReadOnlyList<CustomResource> All { get; } = CustomResource.ReadFolder(ManifestPaths.Crds);

    public static Type RecordOf(CustomResource resource) =>
        resource.Kind switch
        {
            ForkGuardApi.ForkWatchKind => typeof(ForkWatch),
            ForkGuardApi.ClusterForkWatchKind => typeof(ClusterForkWatch),
            ForkGuardApi.NodeForkReportKind => typeof(NodeForkReport),
            ForkGuardApi.ForkRestartKind => typeof(ForkRestart),
            _ => throw new ArgumentException($"{resource.Kind} has no record.", nameof(resource)),
        };

    /// <summary>Every field below the root, with its path such as <c>spec.restart.windows[].start</c>.</summary>
    public static IEnumerable<(string Path, JsonObject Field)> FieldsOf(JsonNode schema, string path = "")
    {
        foreach (var (name, field) in schema["properties"] as JsonObject ?? [])
        {
            var member = FieldPath.Member(path, name);
            yield return (member, field!.AsObject());
            var isList = field["items"] is not null;
            foreach (var inner in FieldsOf(field["items"] ?? field, isList ? member + "[]" : member))
            {
                yield return inner;
            }
        }
    }
}
