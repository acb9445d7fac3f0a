using System.Globalization;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Tests.Cgroups;

namespace ForkGuard.Kernel.Tests.Memory;

/// <summary>Kernel memory of cgroup v1: a container in a pod.</summary>
public sealed class LegacyKernelMemoryTests : IDisposable
{
    private const string None = "9223372036854771712";

    private readonly CapturedCgroups _captured = new();
    private readonly CgroupRoot _root;

    public LegacyKernelMemoryTests()
    {
        _captured.Write("memory/cgroup.procs", "42\n");
        _captured.WriteProc("42/cgroup", "3:memory:/\n");
        _captured.WriteProc("stat", "cpu  1 2\ncpu0 1\nintr 0\n");
        SetCgroup("pod", limit: 100_000_000, usage: 60_000_000, kernelLimit: None, kernelUsage: 9_000_000);
        SetCgroup("pod/a", limit: 80_000_000, usage: 50_000_000, kernelLimit: None, kernelUsage: 8_000_000);
        _root = _captured.Open();
    }

    [Fact]
    public void The_tightest_limit_of_kernel_memory_takes_part_in_the_room_of_a_fork()
    {
        Assert.Equal((null, 30_000_000UL), (Read().KernelRoom, Read().ForKernelMemory.Bytes.High));

        SetCgroup("pod/a", 80_000_000, 50_000_000, kernelLimit: "20000000", kernelUsage: 8_000_000);
        Assert.Equal(new ByteInterval(12_000_000, 12_000_000), Read().ForKernelMemory.Bytes);
        Assert.True(Read().ForKernelMemory.KillsNobody);
        Assert.Equal(new ByteInterval(30_000_000, 30_000_000), Read().Bytes);

        SetCgroup("pod", 100_000_000, 60_000_000, kernelLimit: "10000000", kernelUsage: 9_000_000);
        Assert.Equal(new ByteInterval(1_000_000, 1_000_000), Read().ForKernelMemory.Bytes);
    }

    [Fact]
    public void A_limit_of_kernel_memory_that_cannot_be_read_is_a_problem()
    {
        _captured.Write("memory/pod/memory.kmem.limit_in_bytes", "garbage\n");

        Assert.Contains("memory.kmem.limit_in_bytes of /pod", Read().Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8_000_000, true)]
    [InlineData(0, false)]
    public void A_cgroup_without_any_kernel_memory_is_not_charged_for_it(int usage, bool isCharged)
    {
        SetCgroup("pod/a", 80_000_000, 50_000_000, None, (ulong)usage);

        Assert.Equal(isCharged, new MemoryRoomReader(_captured.Proc, 0).ChargesKernelMemory(Read().Limiting!));
    }

    public void Dispose()
    {
        _root.Dispose();
        _captured.Dispose();
    }

    private void SetCgroup(string name, ulong limit, ulong usage, string kernelLimit, ulong kernelUsage)
    {
        Write("limit_in_bytes", limit);
        Write("usage_in_bytes", usage);
        Write("kmem.usage_in_bytes", kernelUsage);
        _captured.Write($"memory/{name}/memory.kmem.limit_in_bytes", kernelLimit + "\n");
        _captured.Write($"memory/{name}/memory.stat", "total_rss 0\ntotal_inactive_file 0\ntotal_active_file 0\n");

        void Write(string file, ulong value) =>
            _captured.Write($"memory/{name}/memory.{file}", value.ToString(CultureInfo.InvariantCulture) + "\n");
    }

    private MemoryRoom Read()
    {
        _root.BeginScan(DateTimeOffset.UnixEpoch);
        var place = _root.Locate("3:memory:/pod/a\n"u8, CgroupController.Memory);
        var reader = new MemoryRoomReader(_captured.Proc, evictionThreshold: 0);
        return reader.ReadCgroups(place, readsStat: true);
    }
}
