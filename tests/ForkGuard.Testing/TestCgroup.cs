using System.Globalization;
using System.Security.Cryptography;

namespace ForkGuard.Testing;

/// <summary>A cgroup of the running kernel with the pids controller, which the test removes again.</summary>
public sealed class TestCgroup : IAsyncDisposable
{
    private TestCgroup(string directory) => Directory = directory;

    public string Directory { get; }

    /// <summary>Creates a cgroup below the root of the hierarchy. Fails where this is not possible: nothing is skipped.</summary>
    public static TestCgroup Create()
    {
        const string root = "/sys/fs/cgroup";
        var isLegacy = System.IO.Directory.Exists($"{root}/pids");
        if (!isLegacy)
        {
            File.WriteAllText($"{root}/cgroup.subtree_control", "+pids");
        }

        return CreateIn(isLegacy ? $"{root}/pids" : root);
    }

    public TestCgroup CreateChild()
    {
        if (File.Exists($"{Directory}/cgroup.subtree_control"))
        {
            File.WriteAllText($"{Directory}/cgroup.subtree_control", "+pids");
        }

        return CreateIn(Directory);
    }

    public void Add(int pid) => Write("cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));

    /// <summary>Moves the calling thread alone, which only cgroup v1 allows for any cgroup.</summary>
    public void AddThisThread() => Write("tasks", "0");

    public void SetMax(ulong tasks) => Write("pids.max", tasks.ToString(CultureInfo.InvariantCulture));

    public void Write(string file, string content) => File.WriteAllText($"{Directory}/{file}", content);

    public string Read(string file) => File.ReadAllText($"{Directory}/{file}");

    public bool Has(string file) => File.Exists($"{Directory}/{file}");

    public ulong Current() => ulong.Parse(File.ReadAllText($"{Directory}/pids.current"), CultureInfo.InvariantCulture);

    /// <summary>Returns how many forks the kernel has refused for the limit of this cgroup or of one above it, pids(7) of cgroups.</summary>
    public ulong RefusedForks() =>
        ulong.Parse(File.ReadAllText($"{Directory}/pids.events").Split(' ')[1], CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync() => await Condition.HoldsAsync(TryRemove, $"{Directory} is empty and removed");

    private static TestCgroup CreateIn(string parent)
    {
        var name = $"{parent}/forkguard-test-{RandomNumberGenerator.GetHexString(10, lowercase: true)}";
        System.IO.Directory.CreateDirectory(name);
        return new TestCgroup(name);
    }

    // A dying process leaves its cgroup a moment after it was waited for.
    private bool TryRemove()
    {
        try
        {
            System.IO.Directory.Delete(Directory);
            return true;
        }
        catch (IOException)
        {
            return !System.IO.Directory.Exists(Directory);
        }
    }
}
