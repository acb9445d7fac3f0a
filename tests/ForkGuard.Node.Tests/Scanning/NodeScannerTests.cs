using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Scanning;
using ForkGuard.Testing;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>Scans of this machine.</summary>
[Trait("Needs", "Machine")]
public sealed class NodeScannerTests : IDisposable
{
    private static readonly ReportSettings Settings = new(1, null, TimeSpan.FromSeconds(1));

    private readonly NodeScanner _node;
    private readonly DirectoryInfo _empty = Directory.CreateTempSubdirectory("forkguard-logs-");
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddYears(50);

    public NodeScannerTests()
    {
        var proc = new ProcRoot();
        _node = new NodeScanner(
            proc,
            new KernelStateReader(proc),
            new CgroupRoot(proc),
            new PodNames(_empty.FullName, _empty.FullName)
        );
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _node.Dispose();
        _empty.Delete();
    }

    [Fact]
    public async Task A_rule_that_is_asked_for_has_a_list_of_its_own_beside_that_of_the_kernel()
    {
        Assert.Equal(0, RunningKernel.OvercommitMode);
        await using var victim = await VictimAsync(percent: 40);
        var size = (long)(victim.Range.End - victim.Range.Start);

        var scan = Scan(Settings with { WhatIf = new WhatIfRules(Heuristic: false, Strict: true) });

        var own = Assert.Single(scan.Processes, process => process.Report.Pid == victim.Pid);
        Assert.Equal(size, own.Report.Constraint(ConstraintType.LargestMapping)!.Used);
        Assert.All(scan.Processes, process => Assert.Null(process.Report.Constraint(ConstraintType.CommitCharge)));
        var whatIf = Assert.Single(scan.WhatIf);
        Assert.Equal(EvaluationMode.Strict, whatIf.Rule);
        var strict = Assert.Single(whatIf.Processes, process => process.Report.Pid == victim.Pid);
        var charge = strict.Report.Constraint(ConstraintType.CommitCharge)!;
        Assert.InRange(charge.Own!.Value, size, size + (64L << 20));
        // Strict mode keeps back a part from each process.
        Assert.InRange(charge.Limit, 1, whatIf.LimitBytes!.Value);
        Assert.Null(Scan(Settings).ToStatus([]).WhatIf);
    }

    [Fact]
    public async Task Tasks_of_a_cgroup_near_pids_max_are_reported_once_with_their_number()
    {
        await using var cgroup = TestPidsCgroup.Create(max: 4);
        await using var first = await IdleAsync();
        await using var second = await IdleAsync();
        await using var third = await IdleAsync();
        foreach (var victim in new[] { first, second, third })
        {
            cgroup.Add(victim.Pid);
        }

        var scan = Scan(Settings with { ReportAtPercent = 70 });

        var entry = Assert.Single(
            scan.Processes,
            process =>
                process
                    .Report.Constraint(ConstraintType.Pids)
                    ?.ScopeName?.EndsWith(cgroup.Name, StringComparison.Ordinal) == true
        );
        var pids = entry.Report.Constraint(ConstraintType.Pids)!;
        Assert.Equal((3L, 4L, 75, "Exact"), (pids.Used, pids.Limit, pids.Percent, pids.Confidence.Text));
        Assert.Equal(Verdict.CanFork, entry.Report.Verdict);
        Assert.Null(pids.Refuses);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    public async Task A_full_cgroup_refuses_and_the_kernel_agrees(int innerLength)
    {
        var inner = innerLength == 0 ? null : new string('x', innerLength);
        await using var cgroup = TestPidsCgroup.Create(max: 1, inner);
        await using var victim = await IdleAsync();
        cgroup.Add(victim.Pid);
        Assert.NotEqual(0, await victim.ForkAsync(Stop));

        var scan = Scan(Settings);

        var entry = Assert.Single(scan.Processes, process => process.Report.Pid == victim.Pid);
        Assert.Equal(
            (Verdict.CannotFork, ConstraintType.Pids),
            (entry.Report.Verdict.Known, entry.Report.BindingConstraint!.Value.Known)
        );
        Assert.True(entry.Report.Binding()!.Refuses);
        Assert.True(entry.Report.Binding()!.Refused >= 1);
        Assert.EndsWith(cgroup.Name, entry.Report.Binding()!.ScopeName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_are_reported_for_each_full_cgroup_however_many_there_are()
    {
        await using var victims = new ConfinedVictims();
        List<Victim> started = [];
        for (var i = 0; i < 12; i++)
        {
            var victim = await victims.StartAsync(max: 1);
            Assert.NotEqual(0, await victim.ForkAsync(Stop));
            started.Add(victim);
        }

        var scan = Scan(Settings);

        Assert.All(started, victim => Assert.Equal(1, RefusedOf(scan, victim)));
    }

    [Fact]
    public async Task Refusals_in_another_cgroup_below_the_limit_are_in_the_next_scan()
    {
        await using var outer = TestPidsCgroup.Create(max: 3);
        await using var victims = new ConfinedVictims();
        var first = await victims.StartBelowAsync(outer);
        await victims.StartBelowAsync(outer);
        var last = await victims.StartBelowAsync(outer);
        Assert.Equal(0, RefusedOf(Scan(Settings), first));

        Assert.NotEqual(0, await last.ForkAsync(Stop));
        Assert.NotEqual(0, await last.ForkAsync(Stop));
        Assert.Equal(2, RefusedOf(Scan(Settings), first));

        await last.DisposeAsync();
        Assert.Equal(2, RefusedOf(Scan(Settings), first));
    }

    [Fact]
    public void Constraints_of_the_node_stand_once()
    {
        var status = Scan(Settings).ToStatus([]);
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal) { "Threads", "PidSpace" },
            status.Constraints!.Select(c => c.Type.Text).ToHashSet(StringComparer.Ordinal)
        );
        Assert.DoesNotContain(
            status.Processes!.SelectMany(p => p.Constraints!),
            c => c.Type == ConstraintType.Threads || c.Type == ConstraintType.PidSpace
        );
    }

    [Fact]
    public async Task The_worst_to_show_begins_with_a_process_at_risk_and_goes_on_with_the_largest()
    {
        Assert.Equal(0, RunningKernel.OvercommitMode);
        await using var reserved = await Victim.StartAsync(
            VictimLayout.NoReserve,
            MemoryLimit.Pages() * 3,
            cancellationToken: Stop
        );
        await using var victim = await VictimAsync(percent: 80);
        IReadOnlyList<ProcessReport> worst = [];
        // Other processes may use up what a scan may spend on smaps.
        await ForkGuard.Testing.Condition.HoldsAsync(
            () =>
            {
                Scan(new ReportSettings(70, 70, TimeSpan.FromSeconds(1)));
                worst = _node.Worst(20, _now);
                return worst.Any(p => p.Pid == victim.Pid && p.Binding()?.Confidence == Confidence.Exact);
            },
            "the victim is measured",
            Stop
        );
        // Victims of other tests may be at risk as well.
        Assert.Contains(
            worst.TakeWhile(p => p.Binding() is { Percent: >= 70 } b && b.Confidence == Confidence.Exact),
            p => p.Pid == victim.Pid
        );
        // With the two victims there are at least three processes; a quiet machine has fewer than twenty.
        Assert.InRange(worst.Count, 3, 20);
        Assert.Equal(worst.Count, worst.Select(p => p.Pid).Distinct().Count());
    }

    [Fact]
    public async Task A_process_that_came_to_the_warning_level_after_the_scan_stands_before_those_below_it()
    {
        Assert.Equal(0, RunningKernel.OvercommitMode);
        await using var below = await VictimAsync(percent: 40);
        await using var late = await VictimAsync(percent: 5);
        Scan(Settings with { ReportAtPercent = 20 });
        // The scan leaves out mappings of more than twice of all that was committed, which is at least 45 % here.
        Assert.Equal(Errno.None, await late.GrowAsync(MemoryLimit.Pages() * 70 / 100, Stop));

        var pids = _node.Worst(500, _now).Select(process => process.Pid).ToList();

        Assert.InRange(pids.IndexOf(late.Pid), 0, pids.IndexOf(below.Pid) - 1);
    }

    private static Task<Victim> VictimAsync(int percent) =>
        Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() * percent / 100,
            Victim.UniqueName(),
            cancellationToken: Stop
        );

    private static long? RefusedOf(NodeScan scan, Victim victim) =>
        Assert
            .Single(scan.Processes, process => process.Report.Pid == victim.Pid)
            .Report.Constraint(ConstraintType.Pids)!
            .Refused;

    private static Task<Victim> IdleAsync() => Victim.StartAsync(VictimLayout.Idle, 1, cancellationToken: Stop);

    private NodeScan Scan(ReportSettings settings)
    {
        var scan = _node.Scan(settings, _now += settings.Interval, out var problem, Stop);
        Assert.True(scan is not null, problem);
        Assert.Null(_node.WhatIfProblem);
        return scan;
    }
}
