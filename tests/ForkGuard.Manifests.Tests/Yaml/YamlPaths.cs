using System.Runtime.CompilerServices;

namespace ForkGuard.Manifests.Tests.Yaml;

/// <summary>Folders of manifests, read from the checkout.</summary>
internal static class YamlPaths
{
    public static string Good => Path.Combine(Here(), "good");

    public static string Bad => Path.Combine(Here(), "bad");

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
