using System.Text.Json.Nodes;

namespace ForkGuard.ApiReference;

/// <summary>A CustomResourceDefinition with one version.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Definition">The whole of it.</param>
internal sealed record CustomResource(string File, JsonObject Definition)
{
    /// <summary>Every definition of a folder: what is namespaced first, then by kind.</summary>
    public static IReadOnlyList<CustomResource> ReadFolder(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder, "*.yaml")
                .Select(file => new CustomResource(file, YamlDocuments.ReadFile(file)))
                .OrderBy(resource => !resource.IsNamespaced)
                .ThenBy(resource => resource.Kind, StringComparer.Ordinal),
        ];

    public string Group => Spec["group"]!.GetValue<string>();
    public JsonObject Names => Spec["names"]!.AsObject();
    public string Kind => Names["kind"]!.GetValue<string>();
    public string Plural => Names["plural"]!.GetValue<string>();
    public bool IsNamespaced => Spec["scope"]!.GetValue<string>() == "Namespaced";
    public JsonObject Version => Spec["versions"]!.AsArray().Single()!.AsObject();
    public JsonArray Columns => Version["additionalPrinterColumns"]!.AsArray();
    public JsonObject Schema => Version["schema"]!["openAPIV3Schema"]!.AsObject();

    private JsonObject Spec => Definition["spec"]!.AsObject();
}
