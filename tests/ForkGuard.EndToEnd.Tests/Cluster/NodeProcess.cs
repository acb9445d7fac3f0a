using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>Processes of the node, which this machine sees among its own.</summary>
internal static class NodeProcess
{
    /// <summary>The lines of proc_pid_status(5) of a container's first process, by the path of its program there.</summary>
    public static IReadOnlyDictionary<string, string> StatusOf(string program) => StatusIn(FolderOf(program));

    /// <summary>The folder in /proc of this machine of a process of a pod whose command line begins with these words.</summary>
    public static string FolderOf(params string[] words)
    {
        string control = File.ReadAllText(Path.Combine(RepositoryPaths.Artifacts, "node", "group")).Trim();
        string start = string.Join('\0', words) + "\0";
        return Directory
            .EnumerateDirectories("/proc")
            .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
            .First(folder =>
                Read(folder, "cmdline").StartsWith(start, StringComparison.Ordinal)
                && Read(folder, "cgroup").Contains($"/{control}/", StringComparison.Ordinal)
            );
    }

    /// <summary>The lines of proc_pid_status(5) in a folder of /proc.</summary>
    public static IReadOnlyDictionary<string, string> StatusIn(string folder) =>
        Read(folder, "status")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(':', 2))
            .ToDictionary(words => words[0], words => words[1].Trim(), StringComparer.Ordinal);

    private static string Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return "";
        }
    }
}
