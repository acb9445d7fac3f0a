using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Manifests.Tests.Schemas;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>Where objects of this API are on a server.</summary>
internal static class Resources
{
    private const string DryRun = "?dryRun=All";

    /// <summary>The collection that an object belongs to; what is namespaced goes to <c>default</c>.</summary>
    public static string PathOf(JsonNode document)
    {
        var kind = document["kind"]!.GetValue<string>();
        var resource = CustomResources.All.Single(resource => resource.Kind == kind);
        var scope = resource.IsNamespaced ? "namespaces/default/" : "";
        return $"apis/{ForkGuardApi.ApiVersion}/{scope}{resource.Plural}";
    }

    /// <summary>Asks whether the server would take the object, and stores nothing.</summary>
    public static Task<ServerAnswer> TryAsync(this IResourceServer server, JsonNode document) =>
        server.SendAsync(HttpMethod.Post, PathOf(document) + DryRun, document.ToJsonString());

    /// <summary>The fields that a refusal names, each once.</summary>
    public static IReadOnlyList<string> Fields(this ServerAnswer answer) =>
        [.. answer.Causes.Select(cause => cause.Field ?? "").Distinct(StringComparer.Ordinal)];
}
