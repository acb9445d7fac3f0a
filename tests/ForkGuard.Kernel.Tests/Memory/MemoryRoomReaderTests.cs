using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Tests.Cgroups;

namespace ForkGuard.Kernel.Tests.Memory;

/// <summary>cgroup v2, which the machine of the tests need not have: a container in a pod.</summary>
public sealed class MemoryRoomReaderTests : IDisposable
{
    private const string Pod = "kubepods/pod11111111-2222-3333-4444-555555555555";
    private const string Container = Pod + "/0123456789abcdef";

    private readonly CapturedCgroups _captured = new();

    public MemoryRoomReaderTests()
    {
        _captured.AddUnified("/agent");
        _captured.WriteProc("stat", "cpu  1 2\ncpu0 1\ncpu1 1\nintr 0\n");
        _captured.WriteProc("sys/vm/swappiness", "60\n");
        SetNode(availableKiB: 1_000_000, swapFreeKiB: 0);
        SetCgroup(Pod, max: "100000000", current: "60000000", cache: 0);
        SetCgroup(Container, max: "max", current: "50000000", cache: 8_000_000);
    }

    [Fact]
    public void The_tightest_ancestor_limits()
    {
        var room = Read();

        Assert.Equal($"/{Pod}", room.Limiting?.Path);
        Assert.Equal(new ByteInterval(40_000_000, 40_000_000), room.Bytes);
        Assert.Equal(2UL * 64 * (ulong)Environment.SystemPageSize, room.Uncertainty);
        Assert.Equal(7_000_000UL, room.Anonymous);

        SetCgroup(Container, max: "52000000", current: "50000000", cache: 8_000_000);
        room = Read();

        Assert.Equal($"/{Container}", room.Limiting?.Path);
        Assert.Equal(new ByteInterval(2_000_000, 10_000_000), room.Bytes);
    }

    /// <summary>
    /// The usage of a pod includes that of its container, which is read before: memory that is given back between the two
    /// reads makes the container look tighter.
    /// </summary>
    [Theory]
    [InlineData("100000000", Pod)]
    [InlineData("100000001", Pod)]
    [InlineData("99999999", Container)]
    public void Of_equal_limits_that_of_the_pod_is_reached_first(string containerMax, string limiting)
    {
        SetCgroup(Container, max: containerMax, current: "61000000", cache: 0);

        Assert.Equal($"/{limiting}", Read().Limiting?.Path);
    }

    [Theory]
    [InlineData(true, 7_000_000UL)]
    [InlineData(false, 9_000_000UL)]
    public void Anonymous_memory_is_that_of_the_nearest_cgroup_with_the_controller(bool hasController, ulong expected)
    {
        _captured.Write($"{Pod}/memory.stat", "anon 9000000\nanon_thp 4000000\ninactive_file 0\nactive_file 0\n");
        _captured.Write("memory.stat", "anon 99000000\ninactive_file 0\nactive_file 0\n");
        foreach (var file in hasController ? [] : Directory.GetFiles(_captured.PathOf(Container), "memory.*"))
        {
            File.Delete(file);
        }

        Assert.Equal(expected, Read().Anonymous);
    }

    [Fact]
    public void Anonymous_memory_of_the_machine_is_not_that_of_a_container()
    {
        _captured.Write("memory.stat", "anon 99000000\ninactive_file 0\nactive_file 0\n");
        Directory.Delete(_captured.PathOf(Pod), recursive: true);
        _captured.Write($"{Container}/cgroup.procs", "");

        Assert.Null(Read().Anonymous);
    }

    [Fact]
    public void The_node_limits_where_it_has_less()
    {
        SetNode(availableKiB: 30_000, swapFreeKiB: 0);

        var room = Read(evictionThreshold: 20_000 * 1024);

        Assert.Null(room.Limiting);
        Assert.Equal(new ByteInterval(10_000 * 1024, 10_000 * 1024), room.Bytes);
        Assert.Equal(0UL, room.Uncertainty);
    }

    [Theory]
    [InlineData("60", "max", 41_024_000)]
    [InlineData("60", "500000", 40_400_000)]
    [InlineData("60", "0", 40_000_000)]
    [InlineData("0", "max", 40_000_000)]
    public void Swap_adds_room_within_its_limits(string swappiness, string swapMax, ulong expected)
    {
        SetNode(availableKiB: 1_000_000, swapFreeKiB: 1_000);
        _captured.WriteProc("sys/vm/swappiness", $"{swappiness}\n");
        _captured.Write($"{Container}/memory.swap.max", $"{swapMax}\n");
        _captured.Write($"{Container}/memory.swap.current", "100000\n");

        Assert.Equal(new ByteInterval(40_000_000, expected), Read().Bytes);
    }

    [Fact]
    public void Memory_min_of_the_container_protects_its_cache_from_the_limit_of_the_pod()
    {
        SetCgroup(Pod, max: "100000000", current: "60000000", cache: 20_000_000);
        Assert.Equal(60_000_000UL, Read().Bytes.High);

        _captured.Write($"{Container}/memory.min", "45000000\n");

        Assert.Equal(55_000_000UL, Read().Bytes.High);
    }

    [Theory]
    [InlineData(Container, true)]
    [InlineData(Pod, true)]
    [InlineData("kubepods", false)]
    public void A_kill_ends_the_whole_container_by_an_oom_group_up_to_the_limit(string cgroup, bool isWhole)
    {
        foreach (var each in new[] { "kubepods", Pod, Container })
        {
            _captured.Write($"{each}/memory.oom.group", each == cgroup ? "1\n" : "0\n");
        }

        Assert.Equal(isWhole, Read().KillsWholeContainer);
    }

    [Theory]
    [InlineData("49000000", true)]
    [InlineData("51000000", false)]
    [InlineData("max", false)]
    public void Usage_above_memory_high_is_throttled(string high, bool isThrottled)
    {
        _captured.Write($"{Container}/memory.high", $"{high}\n");

        Assert.Equal(isThrottled, Read().IsThrottled);
    }

    [Theory]
    [InlineData("memory.max", "garbage\n")]
    [InlineData("memory.stat", "garbage\n")]
    [InlineData("memory.current", "")]
    public void A_file_that_cannot_be_read_is_a_problem(string file, string content)
    {
        _captured.Write($"{Pod}/{file}", content);

        Assert.Contains($"{file} of /{Pod}", Read().Problem, StringComparison.Ordinal);
    }

    public void Dispose() => _captured.Dispose();

    private void SetNode(ulong availableKiB, ulong swapFreeKiB) =>
        _captured.WriteProc(
            "meminfo",
            FormattableString.Invariant(
                $"MemAvailable: {availableKiB} kB\nSwapFree: {swapFreeKiB} kB\nAnonPages: 100 kB\nAnonHugePages: 0 kB\n"
            )
        );

    private void SetCgroup(string name, string max, string current, ulong cache)
    {
        _captured.Write($"{name}/memory.max", $"{max}\n");
        _captured.Write($"{name}/memory.current", $"{current}\n");
        _captured.Write(
            $"{name}/memory.stat",
            FormattableString.Invariant($"anon 7000000\ninactive_file {cache}\nactive_file 0\n")
        );
    }

    private MemoryRoom Read(ulong evictionThreshold = 0)
    {
        using var root = _captured.Open();
        var place = root.Locate(System.Text.Encoding.ASCII.GetBytes($"0::/{Container}\n"), CgroupController.Memory);
        var reader = new MemoryRoomReader(_captured.Proc, evictionThreshold);
        reader.BeginScan();
        return reader.Read(place);
    }
}
