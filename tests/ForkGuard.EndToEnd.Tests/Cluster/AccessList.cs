using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>What accounts may do, a line <c>RESOURCE VERB</c> for each, such as <c>pods/eviction create</c>.</summary>
internal static partial class AccessList
{
    /// <summary>What <c>kubectl auth can-i --list</c> says that a service account may do in a namespace.</summary>
    public static async Task<IReadOnlySet<string>> OfAsync(
        string account,
        string ns,
        CancellationToken cancellationToken
    )
    {
        string listed = await Shell.SucceedAsync(
            [
                "kubectl",
                "auth",
                "can-i",
                "--list",
                "--no-headers",
                "--namespace",
                ns,
                "--as",
                $"system:serviceaccount:{Installation.Namespace}:{account}",
            ],
            cancellationToken: cancellationToken
        );
        return listed
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(line =>
            {
                Match words = Line().Match(line);
                Assert.True(words.Success, line);
                // A restriction to names stays with the resource, so that it is not overlooked.
                string what =
                    $"{words.Groups["resource"]}{words.Groups["url"]}{WithNames(words.Groups["names"].Value)}";
                return words.Groups["verbs"].Value.Split(' ').Select(verb => $"{what} {verb}");
            })
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>What the roles of a file of <c>config/rbac</c> give, those of this kind.</summary>
    public static async Task<IReadOnlySet<string>> OfRolesAsync(
        string file,
        string kind,
        CancellationToken cancellationToken
    )
    {
        string read = await Shell.SucceedAsync(
            [
                "kubectl",
                "create",
                "--dry-run=client",
                "--output=json",
                "--filename",
                Path.Combine(RepositoryPaths.Root, "config", "rbac", file),
            ],
            cancellationToken: cancellationToken
        );
        // Objects one after the other.
        IEnumerable<JsonNode> roles = Regex
            .Split(read.Trim(), "(?<=^})\n(?={)", RegexOptions.Multiline, TimeSpan.FromSeconds(1))
            .Select(role => JsonNode.Parse(role)!);
        return (
            from role in roles
            where string.Equals((string?)role["kind"], kind, StringComparison.Ordinal)
            from rule in role["rules"]!.AsArray()
            from @group in Texts(rule!["apiGroups"])
            from resource in Texts(rule["resources"])
            from verb in Texts(rule["verbs"])
            let names = WithNames(string.Join(' ', Texts(rule["resourceNames"])))
            select $"{WithGroup(resource, @group)}{names} {verb}"
        ).ToHashSet(StringComparer.Ordinal);
    }

    private static string WithNames(string names) => names.Length > 0 ? $" [{names}]" : "";

    private static string WithGroup(string resource, string group)
    {
        string[] parts = resource.Split('/', 2);
        return group.Length == 0 ? resource : string.Join('/', [$"{parts[0]}.{group}", .. parts[1..]]);
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list?.AsArray().Select(text => (string)text!) ?? [];

    [GeneratedRegex(
        @"^(?<resource>\S*)\s+\[(?<url>[^]]*)\]\s+\[(?<names>[^]]*)\]\s+\[(?<verbs>[^]]*)\]\s*$",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Line();
}
