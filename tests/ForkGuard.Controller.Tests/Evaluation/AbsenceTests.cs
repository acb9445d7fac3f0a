using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Tests.Evaluation;

/// <summary>What a report proves about a target that it does not name.</summary>
public sealed class AbsenceTests : IDisposable
{
    private readonly OneWatch _watch = new();

    public AbsenceTests()
    {
        _watch.Report(null, Redis(Workloads.Constraint(80)));
        Assert.Equal(["ForkAtRisk LargestMapping"], _watch.Announced);
    }

    public void Dispose() => _watch.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(60)]
    public void A_list_that_left_out_nothing_at_the_clear_level_proves_a_recovery(int? omittedBelow)
    {
        _watch.Report(omittedBelow);
        Assert.Equal(["ForkAtRisk LargestMapping", "ForkRecovered LargestMapping"], _watch.Announced);
        Assert.Empty(_watch.Tracker.Targets);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Usage_that_comes_back_within_ten_minutes_is_one_event_although_no_report_names_it_meanwhile(
        bool isNamedFirst
    )
    {
        if (isNamedFirst)
        {
            _watch.Report(null, Redis(Workloads.Constraint(40)));
        }

        _watch.Report(omittedBelow: null);
        Assert.Empty(_watch.Tracker.Targets);
        var once = _watch.Announced;
        Assert.Equal(["ForkAtRisk LargestMapping", "ForkRecovered LargestMapping"], once);

        _watch.Report(null, Redis(Workloads.Constraint(80)));
        Assert.Equal(RiskLevel.AtRisk, _watch.LevelOf(ConstraintType.LargestMapping));
        Assert.Equal(once, _watch.Announced);
        _watch.Report(omittedBelow: null);
        Assert.Equal(once, _watch.Announced);

        _watch.Wait(TimeSpan.FromMinutes(10));
        _watch.Report(null, Redis(Workloads.Constraint(80)));
        Assert.Equal([.. once, "ForkAtRisk LargestMapping"], _watch.Announced);
    }

    [Fact]
    public void A_list_that_left_out_more_proves_nothing_and_wants_nothing()
    {
        using var watch = new OneWatch(spec => Workloads.Restarting(spec));
        watch.Report(null, Redis(Workloads.Constraint(95)));
        Assert.True(Assert.Single(watch.Tracker.Targets).Action.Wanted);

        watch.Report(61);

        var target = Assert.Single(watch.Tracker.Targets);
        Assert.Equal(RiskLevel.AtRisk, target.Level);
        Assert.False(target.Action.Wanted);
        Assert.DoesNotContain("ForkRecovered LargestMapping", watch.Announced, StringComparer.Ordinal);
    }

    [Fact]
    public void An_entry_without_the_constraint_proves_that_it_is_below_the_level_of_listing()
    {
        _watch.Report(null, Redis(Workloads.Pids(65)));
        Assert.Contains("ForkRecovered LargestMapping", _watch.Announced, StringComparer.Ordinal);
    }

    [Fact]
    public void An_entry_without_the_constraint_proves_nothing_below_the_level_of_listing()
    {
        using var watch = new OneWatch(spec => spec with { ClearBelowPercent = 40 });
        watch.Report(null, Redis(Workloads.Constraint(80)));
        watch.Report(null, Redis(Workloads.Pids(65)));
        Assert.Equal(["ForkAtRisk LargestMapping"], watch.Announced);

        watch.Report(null, Redis(Workloads.Pids(65)) with { OmittedBelowPercent = 40 });
        Assert.Contains("ForkRecovered LargestMapping", watch.Announced, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(false, Stage.App)]
    [InlineData(true, Stage.App)]
    [InlineData(false, "sidecar")]
    public void Another_level_that_becomes_the_tightest_is_no_recovery(bool isPodFirst, string container)
    {
        ConstraintReport ofContainer = Workloads.Pids(92) with
        {
            Scope = ConstraintScope.Container,
            ScopeName = "/kubepods/pod/redis",
        };
        var (first, second) = isPodFirst ? (Workloads.Pids(92), ofContainer) : (ofContainer, Workloads.Pids(93));
        using var watch = new OneWatch();
        watch.Report(null, Redis(first));
        Assert.Equal(["ForkAtRisk Pids"], watch.Announced);

        watch.Report(null, Redis(Workloads.Constraint(20)), OneWatch.Process("tini", container, second));
        Assert.DoesNotContain("ForkRecovered Pids", watch.Announced, StringComparer.Ordinal);

        watch.Report(null, Redis(Workloads.Constraint(20)) with { OmittedBelowPercent = 46 });
        Assert.Equal(2, watch.Announced.Count(announced => announced == "ForkRecovered Pids"));
        Assert.Null(watch.LevelOf(ConstraintType.Pids));
    }

    [Fact]
    public void Another_command_of_the_container_does_not_hold_a_recovery_back()
    {
        using var watch = new OneWatch(spec => spec with { Commands = ["redis-server"] });
        watch.Report(null, Redis(Workloads.Constraint(80)));
        watch.Report(null, OneWatch.Process("helper", Stage.App, Workloads.Constraint(95)));
        Assert.Equal(["ForkAtRisk LargestMapping", "ForkRecovered LargestMapping"], watch.Announced);
    }

    [Fact]
    public void Another_process_that_shares_the_nodes_charge_does_not_hold_a_recovery_back()
    {
        var charge = Workloads.Constraint(80) with { Type = ConstraintType.CommitCharge, Scope = ConstraintScope.Node };
        using var watch = new OneWatch(spec => spec with { Containers = [Stage.App] });
        // A commit charge counts from its second reading on.
        InMode2(watch, Redis(charge), OneWatch.Process("helper", "sidecar", charge));
        InMode2(watch, Redis(charge), OneWatch.Process("helper", "sidecar", charge));
        InMode2(watch, OneWatch.Process("helper", "sidecar", charge));
        Assert.Equal(["ForkAtRisk CommitCharge", "ForkRecovered CommitCharge"], watch.Announced);
    }

    [Fact]
    public void A_pod_that_lost_its_label_has_not_recovered()
    {
        _watch.PutPod("redis-0", app: "other");
        _watch.Report(null, Redis(Workloads.Constraint(95)));
        Assert.Equal(["ForkAtRisk LargestMapping"], _watch.Announced);
    }

    [Fact]
    public void A_pod_whose_name_the_agent_lost_is_found_by_its_uid()
    {
        var nameless = Redis(Workloads.Constraint(101));
        nameless = nameless with { Pod = nameless.Pod! with { Namespace = "", Name = "" } };
        _watch.Report(null, nameless);
        Assert.Equal(RiskLevel.Impossible, _watch.LevelOf(ConstraintType.LargestMapping));
    }

    [Fact]
    public void A_pod_that_is_reported_under_a_wrong_name_has_not_recovered()
    {
        var wrong = Redis(Workloads.Constraint(95));
        _watch.Report(null, wrong with { Pod = wrong.Pod! with { Name = "redis-1" } });
        Assert.Equal(["ForkAtRisk LargestMapping"], _watch.Announced);
    }

    [Fact]
    public void In_mode_1_only_accounting_recovers()
    {
        _watch.Report(null, Redis(Workloads.Constraint(80), Workloads.Pids(80)));
        _watch.Report(status =>
            status with
            {
                Kernel = new KernelReport { OvercommitMode = 1 },
                OmittedBelowPercent = 90,
            }
        );
        Assert.Equal(
            ["ForkAtRisk LargestMapping", "ForkAtRisk Pids", "ForkRecovered LargestMapping"],
            _watch.Announced
        );
        Assert.Equal(RiskLevel.AtRisk, _watch.LevelOf(ConstraintType.Pids));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_recovery_is_held_although_the_agent_writes_no_report_meanwhile(bool isNamed)
    {
        using var watch = Held();
        ProcessReport[] processes = isNamed ? [Redis(Workloads.Constraint(40))] : [];
        watch.Report(null, processes);
        watch.Wait(TimeSpan.FromSeconds(60));
        Assert.Equal(["ForkAtRisk LargestMapping"], watch.Announced);

        watch.Wait(TimeSpan.FromSeconds(61));

        Assert.Equal(["ForkAtRisk LargestMapping", "ForkRecovered LargestMapping"], watch.Announced);
    }

    [Fact]
    public void A_silent_node_proves_no_recovery()
    {
        using var watch = Held();
        watch.Report(omittedBelow: null);
        watch.Wait(TimeSpan.FromSeconds(121), isSilent: true);
        Assert.Equal(["ForkAtRisk LargestMapping"], watch.Announced);
    }

    [Fact]
    public void A_report_that_proves_nothing_ends_a_recovery()
    {
        using var watch = Held();
        watch.Report(omittedBelow: null);
        watch.Report(90);
        watch.Wait(TimeSpan.FromSeconds(121));
        Assert.Equal(["ForkAtRisk LargestMapping"], watch.Announced);
    }

    [Fact]
    public void A_pod_that_is_gone_recovers_after_the_hold_without_any_report()
    {
        using var watch = Held();
        Assert.True(watch.PruneGone());
        watch.Wait(TimeSpan.FromSeconds(121), isSilent: true);
        Assert.False(watch.PruneGone());
        Assert.Equal(["ForkAtRisk LargestMapping", "ForkRecovered LargestMapping"], watch.Announced);
    }

    private static void InMode2(OneWatch watch, params IReadOnlyList<ProcessReport> processes) =>
        watch.Report(status =>
            status with
            {
                Kernel = new KernelReport { OvercommitMode = 2 },
                Processes = processes,
            }
        );

    /// <summary>A watch with a hold of two minutes that has announced redis.</summary>
    private static OneWatch Held()
    {
        var watch = new OneWatch(spec => spec with { HoldSeconds = 120 });
        for (var scan = 0; scan <= 8; scan++)
        {
            watch.Report(null, Redis(Workloads.Constraint(80)));
        }

        Assert.Equal(["ForkAtRisk LargestMapping"], watch.Announced);
        return watch;
    }

    private static ProcessReport Redis(params IReadOnlyList<ConstraintReport> constraints) =>
        OneWatch.Process("redis-server", Stage.App, constraints);
}
