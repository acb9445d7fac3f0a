using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Manifests.Tests.Servers;

internal static class Documents
{
    public static JsonObject Of(string kind, string name, JsonNode? spec)
    {
        var document = new JsonObject
        {
            ["apiVersion"] = ForkGuardApi.ApiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name },
        };
        if (spec is not null)
        {
            document["spec"] = spec;
        }

        return document;
    }
}
