using System.Globalization;
using System.Security.Cryptography;

namespace ForkGuard.Testing;

/// <summary>A memory cgroup of the running kernel, which the test removes again once its processes have ended.</summary>
public sealed class MemoryCgroup : IAsyncDisposable
{
    private const string Root = "/sys/fs/cgroup";

    private readonly string _directory;

    private MemoryCgroup(string directory) => _directory = directory;

    /// <summary>The kernel has memory cgroups of v1, where a kill can be switched off.</summary>
    public static bool IsLegacy { get; } = Directory.Exists($"{Root}/memory");

    public static MemoryCgroup Create()
    {
        if (!IsLegacy)
        {
            File.WriteAllText($"{Root}/cgroup.subtree_control", "+memory");
        }

        var name = $"forkguard-test-{RandomNumberGenerator.GetHexString(10, lowercase: true)}";
        var directory = Path.Combine(IsLegacy ? $"{Root}/memory" : Root, name);
        Directory.CreateDirectory(directory);
        return new MemoryCgroup(directory);
    }

    public ulong Usage => Read(IsLegacy ? "memory.usage_in_bytes" : "memory.current");

    public ulong Limit => Read(LimitFile);

    private static string LimitFile => IsLegacy ? "memory.limit_in_bytes" : "memory.max";

    public void Add(int pid) => Write("cgroup.procs", (ulong)pid);

    /// <summary>Sets the limit to so many bytes above what the cgroup uses now.</summary>
    public void LimitToRoom(ulong bytes) => Write(LimitFile, Usage + bytes);

    /// <summary>v1 only.</summary>
    public void DisableKills() => Write("memory.oom_control", 1);

    public async ValueTask DisposeAsync() =>
        await Condition.HoldsAsync(TryRemove, $"{_directory} is empty and removed");

    private void Write(string file, ulong value) =>
        File.WriteAllText(Path.Combine(_directory, file), value.ToString(CultureInfo.InvariantCulture));

    private ulong Read(string file) =>
        ulong.Parse(File.ReadAllText(Path.Combine(_directory, file)), CultureInfo.InvariantCulture);

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
