using System.Globalization;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;

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
        cgroup.SetMax(10);
        using var checks = new LiveChecks();
        var reader = new ProcessFactsReader(checks.Context);
        var facts = ReadFacts(checks.Context);
        Assert.Contains(facts, f => f.Pid == forker.Pid && f.Pids.Cgroup is not null);
        var found = new List<ConstraintReading>(1000);

        var least = long.MaxValue;
        for (var scan = 0; scan < 20 && least > 0; scan++)
        {
            found.Clear();
            var before = GC.GetAllocatedBytesForCurrentThread();
            checks.Context.BeginScan(DateTimeOffset.UnixEpoch, Level);
            ForkChecks.ScanNode(checks.Context, found);
            foreach (var process in facts)
            {
                _ = ForkChecks.Scan(checks.Context, reader, process, found);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        cgroup.SetMax(1);
        found.Clear();
        checks.Context.BeginScan(DateTimeOffset.UnixEpoch, Level);
        ForkChecks.Scan(checks.Context, facts.Single(f => f.Pid == forker.Pid), found);
        Assert.True(Assert.Single(found).Refuses);
    }

    private static List<ProcessFacts> ReadFacts(ScanContext context)
    {
        context.BeginScan(DateTimeOffset.UnixEpoch, Level);
        var reader = new ProcessFactsReader(context);
        List<ProcessFacts> result = [];
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid))
            {
                var facts = new ProcessFacts { Pid = pid };

                // Processes that the reader may not trace are no healthy case: their namespaces are a problem.
                if (reader.Read(facts) == ReadStatus.Ok && facts.PidNamespaceProblem is null)
                {
                    result.Add(facts);
                }
            }
        }

        return result;
    }
}
