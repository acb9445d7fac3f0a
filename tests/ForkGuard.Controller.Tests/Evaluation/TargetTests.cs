using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Tests.Evaluation;

/// <summary>Which entries of a report make one target, and which of them decides.</summary>
public sealed class TargetTests
{
    [Fact]
    public void A_container_is_as_bad_as_its_worst_process_whichever_constraint_binds_it()
    {
        using var watch = new OneWatch();
        watch.Report(
            null,
            OneWatch.Process("redis-server", Stage.App, Workloads.Pids(95), Workloads.Constraint(55)),
            OneWatch.Process("redis-child", Stage.App, Workloads.Constraint(80)) with
            {
                ProcessCount = 3,
            }
        );
        Assert.Equal(
            ["ForkAtRisk LargestMapping", "ForkAtRisk Pids"],
            watch.Announced.Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        var target = Assert.Single(watch.Tracker.Targets, t => t.Constraint.Type == ConstraintType.LargestMapping);
        Assert.Equal(("redis-child", 80), (target.Process!.Command, target.Constraint.Percent));
    }

    [Fact]
    public void What_a_pod_shares_is_one_target_in_whichever_entry_it_is()
    {
        using var watch = new OneWatch();
        watch.Report(null, OneWatch.Process("redis-server", Stage.App, Workloads.Pids(80)));
        watch.Report(null, OneWatch.Process("helper", "sidecar", Workloads.Pids(81)));
        Assert.Equal(["ForkAtRisk Pids"], watch.Announced);
        Assert.Equal(81, Assert.Single(watch.Tracker.Targets).Constraint.Percent);
    }

    [Fact]
    public void What_a_pod_shares_counts_for_a_command_whose_entry_does_not_have_it()
    {
        using var watch = new OneWatch(spec => spec with { Commands = ["redis-server"] });
        watch.Report(
            null,
            OneWatch.Process("helper", "sidecar", Workloads.Pids(80)),
            OneWatch.Process("redis-server", Stage.App, Workloads.Constraint(20))
        );
        Assert.Equal(["ForkAtRisk Pids"], watch.Announced);
    }

    /// <summary>In mode 1 a process far from its limits has no entry.</summary>
    [Fact]
    public void What_a_pod_shares_counts_for_a_command_without_an_entry()
    {
        using var watch = new OneWatch(spec => spec with { Commands = ["redis-server"], Containers = [Stage.App] });
        watch.Report(null, OneWatch.Process("helper", "sidecar", Workloads.Pids(80)));
        Assert.Equal(["ForkAtRisk Pids"], watch.Announced);
    }

    [Fact]
    public void Memory_of_one_process_does_not_count_for_another()
    {
        using var watch = new OneWatch(spec => spec with { Commands = ["redis-server"] });
        watch.Report(
            null,
            OneWatch.Process(
                "helper",
                Stage.App,
                Workloads.Pids(80) with
                {
                    Type = ConstraintType.ContainerMemory,
                    Scope = ConstraintScope.Container,
                }
            ),
            OneWatch.Process("redis-server", Stage.App, Workloads.Constraint(20))
        );
        Assert.Empty(watch.Announced);
    }

    [Theory]
    [InlineData(ConstraintScope.Pod)]
    [InlineData(ConstraintScope.Container)]
    [InlineData(ConstraintScope.Node)]
    public void Memory_of_twelve_commands_of_a_container_is_one_target(ConstraintScope scope)
    {
        using var watch = new OneWatch();
        var workers = Enumerable
            .Range(80, 12)
            .Select(percent => OneWatch.Process($"worker-{percent}", Stage.App, Memory(percent, scope)));
        watch.Report(null, [.. workers]);
        Assert.Equal(["ForkAtRisk ContainerMemory"], watch.Announced);
        Assert.Equal(91, Assert.Single(watch.Tracker.Targets).Constraint.Percent);
    }

    [Theory]
    [InlineData(ConstraintScope.Pod)]
    [InlineData(ConstraintScope.Node)]
    public void A_save_of_a_process_that_ended_recovers_although_another_container_has_more(ConstraintScope scope)
    {
        using var watch = new OneWatch(spec =>
            spec with
            {
                Containers = ["sidecar"],
                Constraints = [ConstraintType.CopyOnWrite],
            }
        );
        var other = OneWatch.Process("redis-server", Stage.App, Save(96));
        watch.Report(null, other, OneWatch.Process("redis-server", "sidecar", Save(95)));
        Assert.Equal(["ForkSnapshotAtRisk CopyOnWrite"], watch.Announced);
        Assert.Equal(95, Assert.Single(watch.Tracker.Targets).Constraint.Percent);

        watch.Report(null, other);

        Assert.Equal(["ForkSnapshotAtRisk CopyOnWrite", "ForkRecovered CopyOnWrite"], watch.Announced);

        ConstraintReport Save(int percent) => Memory(percent, scope) with { Type = ConstraintType.CopyOnWrite };
    }

    private static ConstraintReport Memory(int percent, ConstraintScope scope) =>
        Workloads.Pids(percent) with
        {
            Type = ConstraintType.ContainerMemory,
            Scope = scope,
            ScopeName = scope == ConstraintScope.Node ? null : "/kubepods/p",
        };

    [Fact]
    public void A_watch_that_names_constraints_evaluates_no_other()
    {
        using var watch = new OneWatch(spec => spec with { Constraints = [ConstraintType.Pids] });
        watch.Report(null, OneWatch.Process("redis-server", Stage.App, Workloads.Constraint(95), Workloads.Pids(75)));
        Assert.Equal(["ForkAtRisk Pids"], watch.Announced);
    }

    [Fact]
    public void An_empty_list_of_constraints_means_all()
    {
        using var watch = new OneWatch(spec => spec with { Constraints = [] });
        watch.Report(null, OneWatch.Process("redis-server", Stage.App, Workloads.Pids(75)));
        Assert.Equal(["ForkAtRisk Pids"], watch.Announced);
    }

    [Fact]
    public void A_container_that_the_pod_does_not_have_is_not_believed()
    {
        using var watch = new OneWatch();
        watch.Report(null, OneWatch.Process("redis-server", "forged", Workloads.Constraint(95)));
        Assert.Empty(watch.Tracker.Targets);
    }

    [Fact]
    public void Names_that_are_new_at_every_scan_take_a_bounded_number_of_targets()
    {
        using var watch = new OneWatch();
        for (var scan = 0; scan < 100; scan++)
        {
            var made = Enumerable
                .Range(0, 16)
                .Select(i => Workloads.Pids(80) with { Type = new OpenEnum<ConstraintType>($"Later{scan}x{i}") });
            watch.Report(100, OneWatch.Process("redis-server", Stage.App, [.. made]));
        }

        Assert.InRange(watch.Tracker.Targets.Count, 1, 512);
    }

    [Fact]
    public void A_growing_process_decides_before_a_larger_steady_one()
    {
        using var watch = new OneWatch();
        watch.Report(
            null,
            OneWatch.Process("redis-server", Stage.App, Workloads.Constraint(95) with { Growing = false }),
            OneWatch.Process("redis-child", Stage.App, Workloads.Constraint(92))
        );
        Assert.Equal(["ForkAtRisk LargestMapping"], watch.Announced);
        Assert.Equal("redis-child", Assert.Single(watch.Tracker.Targets).Process!.Command);
    }

    [Fact]
    public void An_upper_bound_or_a_failed_read_is_no_risk_and_no_recovery()
    {
        using var watch = new OneWatch();
        watch.Report(null, OneWatch.Process("redis-server", Stage.App, Workloads.Constraint(80)));
        watch.Report(
            null,
            OneWatch.Process("redis-server", Stage.App, Workloads.Constraint(20)),
            OneWatch.Process(
                "redis-child",
                Stage.App,
                Workloads.Constraint(0) with
                {
                    Problem = "smaps: permission denied",
                }
            )
        );
        Assert.Equal(["ForkAtRisk LargestMapping"], watch.Announced);
        Assert.Equal(RiskLevel.AtRisk, watch.LevelOf(ConstraintType.LargestMapping));
    }
}
