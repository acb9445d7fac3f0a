using k8s;
using k8s.Models;

namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>One verb on one resource, as a role grants it and as a request uses it.</summary>
internal sealed record AccessRight(string Group, string Resource, string Verb)
{
    public override string ToString() => $"{Verb} {Resource}{(Group.Length == 0 ? "" : $".{Group}")}";

    /// <summary>All that the roles of a manifest grant.</summary>
    internal static IReadOnlyCollection<AccessRight> GrantedBy(string manifest) =>
        [
            .. from document in KubernetesYaml.LoadAllFromString(manifest)
            from rule in document switch
            {
                V1ClusterRole role => role.Rules,
                V1Role role => role.Rules,
                _ => [],
            }
            from @group in rule.ApiGroups
            from resource in rule.Resources
            from verb in rule.Verbs
            select new AccessRight(@group, resource, verb),
        ];

    /// <summary>What a request needs; null for discovery, which everyone may do.</summary>
    internal static AccessRight? NeededFor(LoggedRequest request)
    {
        var parts = request.Uri.AbsolutePath.Trim('/').Split('/');
        var isCore = parts[0] == "api";
        var group = isCore ? "" : parts[1];
        var rest = parts[(isCore ? 2 : 3)..];
        if (rest is ["namespaces", _, _, ..])
        {
            rest = rest[2..];
        }

        if (rest.Length == 0)
        {
            return null;
        }

        var resource = rest.Length > 2 ? $"{rest[0]}/{rest[2]}" : rest[0];
        return new AccessRight(group, resource, VerbOf(request, isNamed: rest.Length > 1));
    }

    private static string VerbOf(LoggedRequest request, bool isNamed) =>
        request.Method switch
        {
            "GET" when isNamed => "get",
            "GET" when request.Uri.Query.Contains("watch=true", StringComparison.OrdinalIgnoreCase) => "watch",
            "GET" => "list",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            _ => "delete",
        };
}
