using System.Runtime.CompilerServices;

namespace ForkGuard.Agent.Tests.Manifests;

/// <summary>Where the manifests are: read from the tree, as a user reads them.</summary>
internal static class ManifestPaths
{
    public static string Samples => Path.GetFullPath(Path.Combine(Here(), "../../../config/samples"));

    public static string Good => Path.Combine(Here(), "good");

    public static string Bad => Path.Combine(Here(), "bad");

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
