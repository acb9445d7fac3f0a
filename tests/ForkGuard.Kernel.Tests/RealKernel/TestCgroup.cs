using System.Globalization;
using System.Security.Cryptography;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>A cgroup of the running kernel with the pids controller, which the test removes again.</summary>
internal sealed class TestCgroup : IAsyncDisposable
{
    private TestCgroup(string directory) => Directory = directory;

    internal string Directory { get; }

    /// <summary>Creates a cgroup below the root of the hierarchy. Fails where this is not possible: nothing is skipped.</summary>
    internal static TestCgroup Create()
    {
        const string root = "/sys/fs/cgroup";
        var isLegacy = System.IO.Directory.Exists($"{root}/pids");
        if (!isLegacy)
        {
            File.WriteAllText($"{root}/cgroup.subtree_control", "+pids");
        }

        return CreateIn(isLegacy ? $"{root}/pids" : root);
    }

    internal TestCgroup CreateChild()
    {
        if (File.Exists($"{Directory}/cgroup.subtree_control"))
        {
            File.WriteAllText($"{Directory}/cgroup.subtree_control", "+pids");
        }

        return CreateIn(Directory);
    }

    internal void Add(int pid) => Write("cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));

    /// <summary>Moves the calling thread alone, which only cgroup v1 allows for any cgroup.</summary>
    internal void AddThisThread() => Write("tasks", "0");

    internal void SetMax(ulong tasks) => Write("pids.max", tasks.ToString(CultureInfo.InvariantCulture));

    internal void Write(string file, string content) => File.WriteAllText($"{Directory}/{file}", content);

    internal string Read(string file) => File.ReadAllText($"{Directory}/{file}");

    internal bool Has(string file) => File.Exists($"{Directory}/{file}");

    internal ulong Current() =>
        ulong.Parse(File.ReadAllText($"{Directory}/pids.current"), CultureInfo.InvariantCulture);

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
