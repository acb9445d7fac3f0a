using ForkGuard.Testing;

namespace ForkGuard.Architecture.Tests;

/// <summary>The files of the checkout that are the project's own.</summary>
internal static class SourceTree
{
    /// <summary>Paths from the root, without what .gitignore leaves out; works in an unpacked archive too.</summary>
    public static IReadOnlyList<string> Files { get; } = Find();

    public static string Read(string file) => File.ReadAllText(Path.Combine(RepositoryPaths.Root, file));

    public static IEnumerable<string> Below(string folder, string extension) =>
        Files.Where(file =>
            file.StartsWith(folder + "/", StringComparison.Ordinal)
            && file.EndsWith(extension, StringComparison.Ordinal)
        );

    private static List<string> Find()
    {
        HashSet<string> skipped = File.ReadLines(Path.Combine(RepositoryPaths.Root, ".gitignore"))
            .Where(line => line.EndsWith('/'))
            .Select(line => line.TrimEnd('/'))
            .Append(".git")
            .ToHashSet(StringComparer.Ordinal);

        List<string> files = [];
        Stack<string> folders = new([RepositoryPaths.Root]);
        while (folders.TryPop(out string? folder))
        {
            foreach (string inner in Directory.EnumerateDirectories(folder))
            {
                if (!skipped.Contains(Path.GetFileName(inner)))
                {
                    folders.Push(inner);
                }
            }

            files.AddRange(
                Directory.EnumerateFiles(folder).Select(file => Path.GetRelativePath(RepositoryPaths.Root, file))
            );
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }
}
