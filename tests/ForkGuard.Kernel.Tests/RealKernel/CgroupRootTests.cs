using System.Globalization;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

public sealed class CgroupRootTests
{
    private static readonly CgroupFile Max = new("pids.max");
    private static readonly CgroupFile Current = new("pids.current");

    [Fact]
    public async Task Reads_the_limits_of_a_process_in_nested_cgroups()
    {
        await using var outer = TestCgroup.Create();
        await using var inner = outer.CreateChild();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Idle,
            1,
            cancellationToken: TestContext.Current.CancellationToken
        );
        outer.SetMax(50);
        inner.Add(victim.Pid);
        using var root = new CgroupRoot(new ProcRoot());

        var leaf = Locate(root, victim.Pid);

        Assert.EndsWith(leaf.Path, inner.Directory, StringComparison.Ordinal);
        Assert.False(leaf.Number(Max).IsLimit);
        Assert.Equal(50UL, leaf.Parent!.Number(Max).Value);
        Assert.Equal(1UL, leaf.Parent.Number(Current).Value);
        Assert.Equal(CgroupReadStatus.Absent, leaf.Parent.Parent!.Number(Max).Status);
        outer.SetMax(7);
        root.BeginScan(DateTimeOffset.UnixEpoch);
        Assert.Equal(7UL, leaf.Parent.Number(Max).Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public async Task A_removed_cgroup_is_gone_and_a_new_one_of_its_name_is_read(int maxHeld)
    {
        await using var cgroup = TestCgroup.Create();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Idle,
            1,
            cancellationToken: TestContext.Current.CancellationToken
        );
        cgroup.SetMax(50);
        cgroup.Add(victim.Pid);
        using var root = new CgroupRoot(new ProcRoot(), maxHeld: maxHeld);
        var leaf = Locate(root, victim.Pid);
        Assert.Equal(50UL, leaf.Number(Max).Value);
        await victim.DisposeAsync();
        await cgroup.DisposeAsync();

        root.BeginScan(DateTimeOffset.UnixEpoch);
        Assert.Equal(CgroupReadStatus.Gone, leaf.Number(Max).Status);

        Directory.CreateDirectory(cgroup.Directory);
        cgroup.SetMax(9);
        root.BeginScan(DateTimeOffset.UnixEpoch);
        Assert.Equal(9UL, leaf.Number(Max).Value);
    }

    /// <summary>A unit that is restarted with a lower TasksMax.</summary>
    [Fact]
    public async Task A_limit_is_not_kept_for_the_next_cgroup_of_its_name()
    {
        await using var cgroup = TestCgroup.Create();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Idle,
            1,
            cancellationToken: TestContext.Current.CancellationToken
        );
        cgroup.SetMax(50);
        cgroup.Add(victim.Pid);
        using var root = new CgroupRoot(new ProcRoot());
        var leaf = Locate(root, victim.Pid);
        for (var scan = 0; scan < 2; scan++)
        {
            root.BeginScan(DateTimeOffset.UnixEpoch);
            Assert.Equal(50UL, leaf.Limit(Max, Current, isFresh: false).Value);
        }

        await victim.DisposeAsync();
        await cgroup.DisposeAsync();
        Directory.CreateDirectory(cgroup.Directory);
        cgroup.SetMax(9);
        root.BeginScan(DateTimeOffset.UnixEpoch);

        Assert.Equal(9UL, leaf.Limit(Max, Current, isFresh: false).Value);
    }

    [Fact]
    public void Reading_again_allocates_nothing()
    {
        var proc = new ProcRoot();
        using var root = new CgroupRoot(proc);
        var buffer = new byte[16 * 1024];
        var least = long.MaxValue;
        for (var scan = 0; scan < 20 && least > 0; scan++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            root.BeginScan(DateTimeOffset.UnixEpoch);
            var status = proc.TryRead("self/cgroup"u8, buffer, out var text);
            for (var at = root.Locate(text, CgroupController.Memory).Cgroup; at is not null; at = at.Parent)
            {
                _ = at.Number(Current);
            }

            for (var at = root.Locate(text, CgroupController.Pids).Cgroup; at is not null; at = at.Parent)
            {
                _ = at.Number(Current);
            }

            least = Math.Min(
                least,
                status == ReadStatus.Ok ? GC.GetAllocatedBytesForCurrentThread() - before : long.MaxValue
            );
        }

        Assert.Equal(0, least);
    }

    private static Cgroup Locate(CgroupRoot root, int pid)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup");
        var place = root.Locate(File.ReadAllBytes(path), CgroupController.Pids);
        Assert.Null(place.Problem);
        return place.Cgroup!;
    }
}
