using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>What an uninstall leaves behind.</summary>
internal static class Leftovers
{
    /// <summary>Waits until there is nothing with the release's label, nor in its namespace, but what stays by intent.</summary>
    public static async Task AreCrdsOnlyAsync(CancellationToken cancellationToken)
    {
        string[] crds =
        [
            "customresourcedefinition.apiextensions.k8s.io/clusterforkwatches.forkguard.io",
            "customresourcedefinition.apiextensions.k8s.io/forkrestarts.forkguard.io",
            "customresourcedefinition.apiextensions.k8s.io/forkwatches.forkguard.io",
            "customresourcedefinition.apiextensions.k8s.io/nodeforkreports.forkguard.io",
        ];
        IEnumerable<string> left = [];
        try
        {
            await Condition.HoldsAsync(
                async token =>
                {
                    string[] labelled = await NamesAsync(
                        await KindsAsync(isNamespaced: null, token),
                        ["--all-namespaces", "--selector", $"app.kubernetes.io/instance={Installation.Release}"],
                        token
                    );
                    string[] inside = await NamesAsync(
                        await KindsAsync(isNamespaced: true, token),
                        ["--namespace", Installation.Namespace],
                        token
                    );
                    left = labelled.Concat(inside.Where(name => !IsOfEveryNamespace(name)));
                    return left.Order(StringComparer.Ordinal).SequenceEqual(crds, StringComparer.Ordinal);
                },
                "nothing is left but the CRDs",
                TimeSpan.FromMinutes(3),
                cancellationToken
            );
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; there are {string.Join(", ", left)}", late);
        }
    }

    private static bool IsOfEveryNamespace(string name) =>
        name is "configmap/kube-root-ca.crt" or "serviceaccount/default"
        || name.StartsWith("secret/default-token-", StringComparison.Ordinal)
        || name.StartsWith("event", StringComparison.Ordinal);

    private static async Task<string> KindsAsync(bool? isNamespaced, CancellationToken cancellationToken)
    {
        string kinds = await Shell.SucceedAsync(
            [
                "kubectl",
                "api-resources",
                "--verbs=list",
                "--output=name",
                .. isNamespaced is { } value ? [$"--namespaced={value}"] : Array.Empty<string>(),
            ],
            cancellationToken: cancellationToken
        );
        return string.Join(',', kinds.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<string[]> NamesAsync(
        string kinds,
        IEnumerable<string> where,
        CancellationToken cancellationToken
    ) =>
        (
            await Shell.SucceedAsync(
                ["kubectl", "get", kinds, .. where, "--output=name", "--ignore-not-found"],
                cancellationToken: cancellationToken
            )
        ).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
