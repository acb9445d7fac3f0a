using System.Text;
using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Kernel.Tests.Cgroups;

public sealed class CgroupNumberTests : IDisposable
{
    private static readonly CgroupFile Max = new("pids.max");
    private static readonly CgroupFile MemoryLimit = new("memory.limit_in_bytes", CgroupFile.UnlimitedMemory);

    private readonly CapturedCgroups _captured = new();
    private CgroupRoot? _root;

    [Theory]
    [InlineData("0\n", 0UL)]
    [InlineData("100\n", 100UL)]
    [InlineData("18446744073709551614\n", 18446744073709551614UL)]
    public void Reads_a_limit(string content, ulong limit)
    {
        var number = Read(Max, content);
        Assert.True(number.IsLimit);
        Assert.Equal(limit, number.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("-1\n")]
    [InlineData("10")]
    [InlineData("10 11\n")]
    [InlineData("maximum\n")]
    [InlineData("18446744073709551616\n")]
    public void Content_that_the_kernel_does_not_write_is_a_failure(string content)
    {
        var number = Read(Max, content);
        Assert.Equal(CgroupReadStatus.Failed, number.Status);
        Assert.NotNull(number.Problem);
    }

    [Theory]
    [InlineData("9223372036854771712\n", false)]
    [InlineData("9223372036854710272\n", false)]
    [InlineData("9223372036854775807\n", false)]
    [InlineData("1099511627776\n", true)]
    public void An_unset_v1_memory_limit_is_no_limit(string content, bool isLimit) =>
        Assert.Equal(isLimit, Read(MemoryLimit, content).IsLimit);

    [Fact]
    public void Max_is_no_limit() => Assert.False(Read(Max, "max\n").IsLimit);

    [Fact]
    public void A_file_is_read_once_a_scan()
    {
        var cgroup = Add("10\n");
        Assert.Equal(10UL, cgroup.Number(Max).Value);
        _captured.Write("x/pids.max", "20\n");
        Assert.Equal(10UL, cgroup.Number(Max).Value);
        _root!.BeginScan(DateTimeOffset.UnixEpoch);
        Assert.Equal(20UL, cgroup.Number(Max).Value);
    }

    [Fact]
    public void Other_errors_are_failures_with_their_reason()
    {
        _captured.AddUnified("/");
        Directory.CreateDirectory(_captured.PathOf("x/pids.max"));
        Assert.Contains("directory", Locate().Number(Max).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_that_appears_later_is_found()
    {
        _captured.AddUnified("/");
        Directory.CreateDirectory(_captured.PathOf("x"));
        var cgroup = Locate();
        Assert.Equal(CgroupReadStatus.Absent, cgroup.Number(Max).Status);
        _captured.Write("x/pids.max", "3\n");
        _root!.BeginScan(DateTimeOffset.UnixEpoch + CgroupRoot.KeptFor);

        Assert.Equal(3UL, cgroup.Number(Max).Value);
    }

    [Fact]
    public void A_cgroup_that_does_not_exist_is_gone()
    {
        _captured.AddUnified("/");
        Assert.Equal(CgroupReadStatus.Gone, Locate().Number(Max).Status);
    }

    public void Dispose()
    {
        _root?.Dispose();
        _captured.Dispose();
    }

    private CgroupNumber Read(CgroupFile file, string content)
    {
        _captured.AddUnified("/");
        _captured.Write($"x/{file.Name}", content);
        return Locate().Number(file);
    }

    private Cgroup Add(string limit)
    {
        _captured.AddUnified("/");
        _captured.Write("x/pids.max", limit);
        return Locate();
    }

    private Cgroup Locate()
    {
        _root ??= _captured.Open();
        return _root.Locate(Encoding.UTF8.GetBytes("0::/x\n"), CgroupController.Pids).Cgroup!;
    }
}
