using ForkGuard.Testing;
using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>What a scan of this machine says by the rules that are asked for.</summary>
[Trait("Needs", "Machine")]
public sealed class NodeScanTests : IDisposable
{
    private static readonly ReportSettings Settings = new(1, null, TimeSpan.FromSeconds(1));

    private readonly NodeScan _node;
    private readonly DirectoryInfo _empty = Directory.CreateTempSubdirectory("forkguard-logs-");
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    public NodeScanTests()
    {
        var proc = new ProcRoot();
        _node = new NodeScan(proc, new KernelStateReader(proc), new PodNames(_empty.FullName, _empty.FullName));
    }

    public void Dispose()
    {
        _node.Dispose();
        _empty.Delete();
    }

    [Fact]
    public async Task A_rule_that_is_asked_for_has_a_list_of_its_own_beside_that_of_the_kernel()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() * 40 / 100,
            Victim.UniqueName(),
            cancellationToken: Check.Stop
        );
        var size = (long)(victim.Range.End - victim.Range.Start);

        var scan = Scan(new WhatIfRules(Heuristic: false, Strict: true));

        var own = Assert.Single(scan.Processes, process => process.Pid == victim.Pid);
        Assert.Equal((Constraint.LargestMapping, size), (own.Constraint, own.UsedBytes));
        Assert.All(scan.Processes, process => Assert.NotEqual(Constraint.CommitCharge, process.Constraint));
        var whatIf = Assert.Single(scan.WhatIf);
        var strict = Assert.Single(whatIf.Processes, process => process.Pid == victim.Pid);
        Assert.Equal(WhatIfRule.Strict, whatIf.Rule);
        Assert.Equal(Constraint.CommitCharge, strict.Constraint);
        Assert.InRange(strict.OwnBytes!.Value, size, size + (64L << 20));
        Assert.Equal(AccountingRule.LimitOf(scan.State, OvercommitMode.Strict), (ulong)whatIf.Report.LimitBytes!.Value);
        // Strict mode keeps back a part from each process.
        Assert.InRange(strict.LimitBytes!.Value, 1, whatIf.Report.LimitBytes.Value);
        Assert.Equal(whatIf.Processes.Count, whatIf.Groups.Count);
        Assert.InRange(scan.Scan.MapsReads, 2, int.MaxValue);
        Assert.Same(whatIf.Report, Assert.Single(scan.ToStatus([]).WhatIf!));
    }

    [Fact]
    public void The_kernels_own_rule_is_no_what_if_and_what_is_not_asked_for_any_more_is_gone()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        Assert.Equal(
            WhatIfRule.Strict,
            Assert.Single(Scan(new WhatIfRules(Heuristic: true, Strict: true)).WhatIf).Rule
        );
        Assert.Empty(Scan(new WhatIfRules(Heuristic: true, Strict: false)).WhatIf);
        Assert.Null(Scan(default).ToStatus([]).WhatIf);
    }

    private ScanResult Scan(WhatIfRules asked)
    {
        var scan = _node.Scan(Settings with { WhatIf = asked }, _now += Settings.Interval, out var problem);
        Assert.True(scan is not null, problem);
        Assert.Null(_node.WhatIfProblem);
        return scan;
    }
}
