using ForkGuard.Testing;

namespace ForkGuard.Cluster.Tests;

/// <summary>A custom resource whose CRD has a CEL rule.</summary>
internal static class Gauge
{
    public static string Crd => In("gauge-crd.yaml");

    public static string Good => In("good-gauge.yaml");

    /// <summary>It breaks the rule.</summary>
    public static string Bad => In("bad-gauge.yaml");

    private static string In(string file) =>
        Path.Combine(RepositoryPaths.Root, "tests", "ForkGuard.Cluster.Tests", "Resources", file);
}
