using System.Globalization;
using System.Security.Cryptography;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>A memory cgroup of the running kernel, which the test removes again once its processes have ended.</summary>
internal sealed class MemoryCgroup : IAsyncDisposable
{
    private const string Root = "/sys/fs/cgroup";

    private readonly string _directory;

    private MemoryCgroup(string directory) => _directory = directory;

    /// <summary>The kernel has memory cgroups of v1, where a kill can be switched off.</summary>
    internal static bool IsLegacy { get; } = Directory.Exists($"{Root}/memory");

    internal static MemoryCgroup Create()
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

    internal ulong Usage => Read(IsLegacy ? "memory.usage_in_bytes" : "memory.current");

    internal ulong Limit => Read(LimitFile);

    private static string LimitFile => IsLegacy ? "memory.limit_in_bytes" : "memory.max";

    internal void Add(int pid) => Write("cgroup.procs", (ulong)pid);

    /// <summary>Sets the limit to so many bytes above what the cgroup uses now.</summary>
    internal void LimitToRoom(ulong bytes) => Write(LimitFile, Usage + bytes);

    /// <summary>v1 only.</summary>
    internal void DisableKills() => Write("memory.oom_control", 1);

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
