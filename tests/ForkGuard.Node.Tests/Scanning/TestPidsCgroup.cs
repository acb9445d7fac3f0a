using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>A cgroup of the running kernel with a limit of tasks, which the test removes again.</summary>
internal sealed class TestPidsCgroup : IAsyncDisposable
{
    private readonly string _outer;
    private readonly string _directory;

    private TestPidsCgroup(string outer, string directory) => (_outer, _directory) = (outer, directory);

    internal string Name => Path.GetFileName(_directory);

    /// <param name="max">The limit.</param>
    /// <param name="inner">Name of a cgroup below that of the test, which has the limit instead; null for none.</param>
    internal static TestPidsCgroup Create(int max, string? inner = null)
    {
        const string root = "/sys/fs/cgroup";
        var isLegacy = Directory.Exists($"{root}/pids");
        var outer = Path.Combine(isLegacy ? $"{root}/pids" : root, $"forkguard-node-test-{Guid.NewGuid():N}");
        var directory = inner is null ? outer : Path.Combine(outer, inner);
        foreach (var made in new[] { outer, directory }.Distinct(StringComparer.Ordinal))
        {
            if (!isLegacy)
            {
                File.WriteAllText($"{Path.GetDirectoryName(made)}/cgroup.subtree_control", "+pids");
            }

            Directory.CreateDirectory(made);
        }

        File.WriteAllText($"{directory}/pids.max", max.ToString(CultureInfo.InvariantCulture));
        return new TestPidsCgroup(outer, directory);
    }

    internal void Add(int pid) =>
        File.WriteAllText($"{_directory}/cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));

    /// <summary>A dying process leaves its cgroup a moment after it was waited for, and here it has not even ended.</summary>
    public async ValueTask DisposeAsync()
    {
        var root = Path.Combine(Path.GetDirectoryName(_outer)!, "cgroup.procs");
        foreach (var pid in await File.ReadAllLinesAsync($"{_directory}/cgroup.procs"))
        {
            await File.WriteAllTextAsync(root, pid);
        }

        await Condition.HoldsAsync(() => TryRemove(_directory), $"{_directory} is empty and removed");
        await Condition.HoldsAsync(() => TryRemove(_outer), $"{_outer} is empty and removed");
    }

    private static bool TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(directory);
        }
    }
}
