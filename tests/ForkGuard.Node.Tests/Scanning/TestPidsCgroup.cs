using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>A cgroup of the running kernel with a limit of tasks, which the test removes again.</summary>
internal sealed class TestPidsCgroup : IAsyncDisposable
{
    private readonly string _directory;

    private TestPidsCgroup(string directory) => _directory = directory;

    internal string Name => Path.GetFileName(_directory);

    internal static TestPidsCgroup Create(int max)
    {
        const string root = "/sys/fs/cgroup";
        var isLegacy = Directory.Exists($"{root}/pids");
        if (!isLegacy)
        {
            File.WriteAllText($"{root}/cgroup.subtree_control", "+pids");
        }

        var cgroup = CreateIn(isLegacy ? $"{root}/pids" : root);
        File.WriteAllText($"{cgroup._directory}/pids.max", max.ToString(CultureInfo.InvariantCulture));
        return cgroup;
    }

    internal TestPidsCgroup CreateChild()
    {
        if (File.Exists($"{_directory}/cgroup.subtree_control"))
        {
            File.WriteAllText($"{_directory}/cgroup.subtree_control", "+pids");
        }

        return CreateIn(_directory);
    }

    internal void Add(int pid) =>
        File.WriteAllText($"{_directory}/cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));

    /// <summary>A dying process leaves its cgroup a moment after it was waited for, and here it has not even ended.</summary>
    public async ValueTask DisposeAsync()
    {
        var parent = Path.Combine(Path.GetDirectoryName(_directory)!, "cgroup.procs");
        foreach (var pid in await File.ReadAllLinesAsync($"{_directory}/cgroup.procs"))
        {
            await File.WriteAllTextAsync(parent, pid);
        }

        await Condition.HoldsAsync(TryRemove, $"{_directory} is empty and removed");
    }

    private static TestPidsCgroup CreateIn(string parent)
    {
        var directory = Path.Combine(parent, $"forkguard-node-test-{Guid.NewGuid():N}.scope");
        Directory.CreateDirectory(directory);
        return new TestPidsCgroup(directory);
    }

    private bool TryRemove()
    {
        try
        {
            Directory.Delete(_directory);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(_directory);
        }
    }
}
