using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>A cgroup of the running kernel with a limit of tasks, which the test removes again.</summary>
internal sealed class TestPidsCgroup : IAsyncDisposable
{
    private readonly string _directory;
    private readonly TestPidsCgroup? _outer;

    private TestPidsCgroup(string directory, TestPidsCgroup? outer) => (_directory, _outer) = (directory, outer);

    internal string Name => Path.GetFileName(_directory);

    /// <param name="max">The limit.</param>
    /// <param name="inner">Name of a cgroup below that of the test, which has the limit instead; null for none.</param>
    internal static TestPidsCgroup Create(int max, string? inner = null)
    {
        const string root = "/sys/fs/cgroup";
        var cgroup = CreateIn(Directory.Exists($"{root}/pids") ? $"{root}/pids" : root, NewName(), outer: null);
        cgroup = inner is null ? cgroup : CreateIn(cgroup._directory, inner, cgroup);
        File.WriteAllText($"{cgroup._directory}/pids.max", max.ToString(CultureInfo.InvariantCulture));
        return cgroup;
    }

    internal TestPidsCgroup CreateChild() => CreateIn(_directory, NewName(), outer: null);

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
        await (_outer?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static string NewName() => $"forkguard-node-test-{Guid.NewGuid():N}.scope";

    private static TestPidsCgroup CreateIn(string parent, string name, TestPidsCgroup? outer)
    {
        if (File.Exists($"{parent}/cgroup.subtree_control"))
        {
            File.WriteAllText($"{parent}/cgroup.subtree_control", "+pids");
        }

        var directory = Path.Combine(parent, name);
        Directory.CreateDirectory(directory);
        return new TestPidsCgroup(directory, outer);
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
