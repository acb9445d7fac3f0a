using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

public sealed class CheckAllocationTests
{
    private const int Level = 70;

    [Fact]
    public async Task A_scan_of_healthy_processes_allocates_nothing()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await Forker.StartAsync();
        cgroup.Add(forker.Pid);
        await using var parent = await Forker.StartAsync();
        await parent.UnshareAsync(Forker.CloneNewPid);
        await parent.DoAsync("keep");
        cgroup.SetMax(10);
        using var checks = new LiveChecks();
        var reader = new ProcessFactsReader(checks.Context);
        var facts = ReadFacts(checks.Context, forker.Pid, parent.Pid);
        Assert.Contains(facts, f => f.Pid == forker.Pid && f.Pids.Cgroup is not null);
        var found = new List<ConstraintReading>(1000);

        var allocated = 0L;
        for (var scan = 0; scan < 20; scan++)
        {
            found.Clear();
            var before = GC.GetAllocatedBytesForCurrentThread();
            checks.Context.BeginScan(DateTimeOffset.UnixEpoch, Level);
            ForkChecks.ScanNode(checks.Context, found);
            foreach (var process in facts)
            {
                _ = ForkChecks.Scan(checks.Context, reader, process, found);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
        cgroup.SetMax(1);
        found.Clear();
        checks.Context.BeginScan(DateTimeOffset.UnixEpoch.AddSeconds(45), Level);
        ForkChecks.Scan(checks.Context, facts.Single(f => f.Pid == forker.Pid), found);
        Assert.True(Assert.Single(found).Refuses);
    }

    private static List<ProcessFacts> ReadFacts(ScanContext context, params int[] pids)
    {
        context.BeginScan(DateTimeOffset.UnixEpoch, Level);
        var reader = new ProcessFactsReader(context);
        List<ProcessFacts> result = [];
        foreach (var pid in pids)
        {
            var facts = new ProcessFacts { Pid = pid };
            Assert.Equal(ReadStatus.Ok, reader.Read(facts));
            result.Add(facts);
        }

        return result;
    }
}
