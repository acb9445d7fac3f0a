using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Checks;

public sealed class UncopiedAreasTests : IDisposable
{
    private readonly CapturedNode _node = new();

    [Fact]
    public void A_long_read_leaves_none_for_other_processes_of_the_scan_and_is_paid_off_later()
    {
        // 128 ms, and 50 ms are for one scan.
        var large = new ProcessMemory { Anonymous = 8UL << 30 };
        var budget = new ReadBudget(new ScanBudget { Smaps = TimeSpan.FromMilliseconds(50) }, _ => 1);
        var areas = new UncopiedAreas(budget);

        budget.BeginScan(DateTimeOffset.UnixEpoch);
        Assert.NotNull(Find(areas, large, isScan: true));
        Assert.Null(Find(areas, large, isScan: true));
        Assert.NotNull(Find(areas, large, isScan: false));
        budget.BeginScan(DateTimeOffset.UnixEpoch.AddSeconds(1));
        Assert.Null(Find(areas, large, isScan: true));
        budget.BeginScan(DateTimeOffset.UnixEpoch.AddSeconds(2));
        Assert.NotNull(Find(areas, large, isScan: true));
    }

    [Fact]
    public void It_takes_its_time_from_the_budget_of_its_pod()
    {
        var large = new ProcessMemory { Anonymous = 8UL << 30 };
        var budget = new ReadBudget(new ScanBudget(), _ => 1);
        budget.SpendSmaps(budget.KeyOf(CapturedNode.Pid), TimeSpan.FromMilliseconds(50));

        Assert.Null(Find(new UncopiedAreas(budget), large, isScan: true));
    }

    [Fact]
    public void What_was_read_holds_for_ten_minutes_while_the_process_does_not_grow()
    {
        var process = new ProcessFacts { Pid = CapturedNode.Pid };
        var areas = new UncopiedAreas(new ReadBudget(new ScanBudget()));
        Assert.NotNull(areas.Find(process, Files, default, DateTimeOffset.UnixEpoch, isScan: true));
        File.Delete(Path.Combine(_node.Files.Proc.Path, $"{CapturedNode.Pid}", "smaps"));

        Assert.NotNull(areas.Find(process, Files, default, DateTimeOffset.UnixEpoch.AddMinutes(9), isScan: true));
        Assert.Null(areas.Find(process, Files, default, DateTimeOffset.UnixEpoch.AddMinutes(10), isScan: true));
        Assert.Null(areas.Find(process, Files, default, DateTimeOffset.UnixEpoch.AddMinutes(9), isScan: false));
    }

    public void Dispose() => _node.Dispose();

    private (ProcRoot Root, int Id) Files => (_node.Files.Proc, CapturedNode.Pid);

    private UncopiedTables? Find(UncopiedAreas areas, in ProcessMemory memory, bool isScan) =>
        areas.Find(new ProcessFacts { Pid = CapturedNode.Pid }, Files, memory, DateTimeOffset.UnixEpoch, isScan);
}
