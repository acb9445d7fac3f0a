namespace ForkGuard.Testing;

/// <summary>Where things are, whatever the working directory of the test.</summary>
public static class RepositoryPaths
{
    public static string Root { get; } = FindRoot();

    public static string Artifacts { get; } = Path.Combine(Root, "artifacts");

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "ForkGuard.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No ForkGuard.sln above {AppContext.BaseDirectory}.");
    }
}
