using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.RealKernel;

public sealed class AllocationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(10_000)]
    public void A_scan_of_healthy_processes_allocates_nothing(int maxHeld)
    {
        var proc = new ProcRoot();
        var reader = new KernelStateReader(proc);
        using var scanner = new ProcessScanner(proc, maxHeld);
        var loud = new List<ProcessReading>(64);

        // The first scans allocate what is remembered; a machine where processes come and go may need one more.
        var fewest = long.MaxValue;
        for (var scan = 0; scan < 20 && fewest > 0; scan++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var isRead = reader.TryRead(out var state, out _);
            var statistics = scanner.Scan(
                state with
                {
                    MemTotal = 1UL << 60,
                },
                OvercommitMode.Heuristic,
                90,
                DateTimeOffset.UnixEpoch,
                loud
            );
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(isRead);
            Assert.InRange(statistics.Processes, 1, int.MaxValue);
        }

        Assert.Equal(0, fewest);
        Assert.Empty(loud);
    }

    [Fact]
    public void A_visit_of_all_processes_allocates_nothing()
    {
        using var scanner = new ProcessScanner(new ProcRoot(), maxHeld: 10_000);
        scanner.List();
        var visitor = default(Counting);
        scanner.Visit(ref visitor);

        var before = GC.GetAllocatedBytesForCurrentThread();
        scanner.Visit(ref visitor);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(visitor.Count, 2, int.MaxValue);
    }

    private struct Counting : IProcessVisitor
    {
        internal int Count;

        public void Visit(int pid, in ProcessSize size, ref object? facts) => Count++;
    }
}
