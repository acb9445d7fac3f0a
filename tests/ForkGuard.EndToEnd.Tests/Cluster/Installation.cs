using System.Text.Json.Nodes;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>ForkGuard as its chart installs it, on a real node.</summary>
public sealed class Installation : IAsyncLifetime
{
    public const string Release = "forkguard";
    public const string Namespace = "forkguard-system";

    private RunningNode? _node;

    internal static string Chart { get; } = Path.Combine(RepositoryPaths.Root, "charts", "forkguard");

    /// <summary>
    /// Values for the tests' images. The node's server is older than what ForkGuard supports: helm neither judges objects by its
    /// schema, which lacks the rules in CEL, nor leaves the merging to it.
    /// </summary>
    private static readonly string[] HelmOptions =
    [
        "--namespace",
        Namespace,
        "--disable-openapi-validation",
        "--server-side=false",
        "--wait",
        "--timeout=3m",
    ];

    private static readonly string[] Values =
    [
        "--set",
        $"image.registry={Images.Registry},image.tag={Images.Tag},image.pullPolicy=Never",
    ];

    public async ValueTask InitializeAsync()
    {
        _ = MachineMode.Before;
        _node = await RunningNode.StartAsync(await Images.BuildAsync());
        await InstallAsync(CancellationToken.None);
        await Task.WhenAll(LeakingPods.StartAsync(), SettlingVictims.StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        MachineMode.Restore();
    }

    /// <summary>Installs the chart, and returns once all its pods are ready.</summary>
    internal static Task InstallAsync(CancellationToken cancellationToken) =>
        Shell.SucceedAsync(
            ["helm", "install", Release, Chart, "--create-namespace", .. HelmOptions, .. Values],
            cancellationToken: cancellationToken
        );

    /// <summary>Changes values and keeps the others; returns once all pods are those of the new version, and ready.</summary>
    internal static Task UpgradeAsync(string values, CancellationToken cancellationToken) =>
        Shell.SucceedAsync(
            ["helm", "upgrade", Release, Chart, "--reuse-values", "--set", values, .. HelmOptions],
            cancellationToken: cancellationToken
        );

    internal static Task UninstallAsync(CancellationToken cancellationToken) =>
        Shell.SucceedAsync(
            ["helm", "uninstall", Release, "--namespace", Namespace, "--wait"],
            cancellationToken: cancellationToken
        );

    /// <summary>The object as the server has it; null when there is none.</summary>
    internal static async Task<JsonNode?> FindAsync(
        string ns,
        string kind,
        string name,
        CancellationToken cancellationToken
    )
    {
        string found = await Shell.SucceedAsync(
            ["kubectl", "get", kind, name, "--namespace", ns, "--ignore-not-found", "--output=json"],
            cancellationToken: cancellationToken
        );
        return found.Length == 0 ? null : JsonNode.Parse(found);
    }

    /// <summary>All objects of the kind in the namespace, or those with the labels.</summary>
    internal static async Task<IReadOnlyList<JsonNode>> ListAsync(
        string ns,
        string kind,
        CancellationToken cancellationToken,
        string labels = ""
    )
    {
        string found = await Shell.SucceedAsync(
            ["kubectl", "get", kind, "--namespace", ns, "--selector", labels, "--output=json"],
            cancellationToken: cancellationToken
        );
        return [.. JsonNode.Parse(found)!["items"]!.AsArray().OfType<JsonNode>()];
    }

    internal static Task ApplyAsync(string manifests, CancellationToken cancellationToken) =>
        Shell.SucceedAsync(["kubectl", "apply", "--validate=false", "--filename=-"], manifests, cancellationToken);
}
