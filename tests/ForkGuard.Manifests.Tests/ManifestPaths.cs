using ForkGuard.Testing;

namespace ForkGuard.Manifests.Tests;

/// <summary>The manifests in the checkout.</summary>
internal static class ManifestPaths
{
    public static string Crds { get; } = Path.Combine(RepositoryPaths.Root, "config", "crd");
    public static string Chart { get; } = Path.Combine(RepositoryPaths.Root, "charts", "forkguard");
    public static string Samples { get; } = Path.Combine(RepositoryPaths.Root, "config", "samples");
    public static string Reference { get; } = Path.Combine(RepositoryPaths.Root, "docs", "api-reference.md");
    public static string Invalid { get; } =
        Path.Combine(RepositoryPaths.Root, "tests", "ForkGuard.Manifests.Tests", "Invalid");
}
