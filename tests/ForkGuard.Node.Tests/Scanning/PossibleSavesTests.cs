using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Scanning;
using ForkGuard.Testing;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>CopyOnWrite of processes that were never seen to save.</summary>
[Trait("Needs", "Machine")]
public sealed class PossibleSavesTests : IDisposable
{
    // A percent of what this machine has left.
    private const long Pages = 400 * 256;

    private readonly NodeScanner _node;
    private readonly string _command = Victim.UniqueName();
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddYears(50);

    public PossibleSavesTests()
    {
        var proc = new ProcRoot();
        _node = new NodeScanner(proc, new KernelStateReader(proc), new CgroupRoot(proc));
    }

    [Fact]
    public async Task A_process_that_never_forked_has_a_cost_of_a_save_where_somebody_asks_for_all()
    {
        await using var victim = await StartAsync();

        Assert.Null(CopyOnWriteOf(Scan(ofAll: false)));
        var save = CopyOnWriteOf(Scan(ofAll: true))!;

        Assert.InRange(save.Used, Pages << 12, (Pages << 12) * 5 / 4);
        Assert.Equal(Confidence.UpperBound, save.Confidence.Known);
        Assert.Null(CopyOnWriteOf(Scan(ofAll: false)));
    }

    [Fact]
    public async Task A_cost_stands_for_a_minute()
    {
        await using var victim = await StartAsync();
        var before = CopyOnWriteOf(Scan(ofAll: true))!.Used;

        Assert.Equal(0, await victim.TouchAsync(Pages * 3 / 2, Stop));
        var kept = CopyOnWriteOf(Scan(ofAll: true))!.Used;
        _now += TimeSpan.FromMinutes(1);
        var renewed = CopyOnWriteOf(Scan(ofAll: true))!.Used;

        Assert.Equal(before, kept);
        Assert.InRange(renewed, before + (Pages << 11), long.MaxValue);
    }

    public void Dispose() => _node.Dispose();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<Victim> StartAsync()
    {
        var victim = await Victim.StartAsync(VictimLayout.OneMapping, Pages * 2, _command, cancellationToken: Stop);
        Assert.Equal(0, await victim.TouchAsync(Pages, Stop));
        return victim;
    }

    private ConstraintReport? CopyOnWriteOf(NodeScan scan) =>
        scan
            .Processes.SingleOrDefault(process => process.Report.Command == _command)
            ?.Report.Constraint(ConstraintType.CopyOnWrite);

    private NodeScan Scan(bool ofAll)
    {
        _now += TimeSpan.FromSeconds(1);
        var settings = new ReportSettings(1, 1, TimeSpan.FromSeconds(1)) { SnapshotsOfAll = ofAll };
        var scan = _node.Scan(settings, _now, out var problem, Stop);
        Assert.True(scan is not null, problem);
        return scan;
    }
}
