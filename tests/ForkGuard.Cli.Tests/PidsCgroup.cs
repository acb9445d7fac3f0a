using System.Globalization;
using System.Security.Cryptography;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>A cgroup of the test's own with the pids controller.</summary>
internal sealed class PidsCgroup : IAsyncDisposable
{
    private const string Root = "/sys/fs/cgroup";
    private readonly string _folder;

    private PidsCgroup(string folder) => _folder = folder;

    /// <summary>As /proc/PID/cgroup names it.</summary>
    internal string Path { get; private init; } = "";

    /// <summary>Skips the test without root or a hierarchy that can be written.</summary>
    internal static PidsCgroup Create()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "asks for root, to make a cgroup");
        var isLegacy = Directory.Exists($"{Root}/pids");
        if (!isLegacy)
        {
            File.WriteAllText($"{Root}/cgroup.subtree_control", "+pids");
        }

        var name = $"/forkguard-test-{RandomNumberGenerator.GetHexString(10, lowercase: true)}";
        var folder = (isLegacy ? $"{Root}/pids" : Root) + name;
        Directory.CreateDirectory(folder);
        return new PidsCgroup(folder) { Path = name };
    }

    internal void Add(int pid) => File.WriteAllText($"{_folder}/cgroup.procs", Text(pid));

    internal void SetMax(int tasks) => File.WriteAllText($"{_folder}/pids.max", Text(tasks));

    public async ValueTask DisposeAsync() =>
        await Condition.HoldsAsync(TryRemove, $"{_folder} is empty and removed", CancellationToken.None);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // A dying process leaves its cgroup a moment after it was waited for.
    private bool TryRemove()
    {
        try
        {
            Directory.Delete(_folder);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
