using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Watching;

namespace ForkGuard.Cli.Tests;

/// <summary>Targets of a watch over all host processes, from scan to scan.</summary>
public sealed class TargetTrackerTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly List<WatchEvent> _events = [];
    private TargetTracker _tracker = Of(new ClusterForkWatchSpec { HoldSeconds = 0 });
    private bool _isWhatIf;
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Docker with the cgroupfs driver: containers without a unit.</summary>
    [Theory]
    [InlineData(ConstraintType.Pids, "/docker/a", "/docker/b")]
    [InlineData(ConstraintType.ContainerMemory, "/docker/a", "/docker/b")]
    [InlineData(ConstraintType.UserProcesses, "1000", "1001")]
    public void Scopes_without_a_unit_are_announced_and_recover_each(ConstraintType type, string first, string second)
    {
        Scan(Process(null, Of(type, 95, first)), Process(null, Of(type, 92, second)));
        Assert.Equal([$"ForkAtRisk {first}", $"ForkAtRisk {second}"], Events);

        Scan(Process(null, Of(type, 92, second)));
        Assert.Equal([$"ForkRecovered {first}"], Events);
    }

    [Theory]
    [InlineData("/system.slice/web.service")]
    [InlineData("/system.slice")]
    [InlineData(null)]
    public void Memory_of_twelve_commands_of_a_unit_is_one_target(string? scope)
    {
        ProcessReport Worker(int percent) =>
            Process("web.service", Of(ConstraintType.ContainerMemory, percent, scope)) with
            {
                Command = $"worker-{percent}",
            };

        Scan([.. Enumerable.Range(80, 12).Select(Worker)]);
        Assert.Equal([$"ForkAtRisk {scope}"], Events);

        Scan(Worker(80));
        Assert.Empty(Events);

        Scan();
        Assert.Equal([$"ForkRecovered {scope}"], Events);
    }

    [Fact]
    public void A_slice_that_becomes_tighter_than_a_unit_is_no_recovery_of_the_unit()
    {
        const string Slice = "/system.slice";
        const string Unit = $"{Slice}/web.service";
        Scan(Process("web.service", Of(ConstraintType.Pids, 92, Unit)));
        Scan(Process("web.service", Of(ConstraintType.Pids, 93, Slice)));
        Assert.Equal([$"ForkAtRisk {Unit}", $"ForkAtRisk {Slice}"], Events);

        Scan(Process("web.service", Of(ConstraintType.Pids, 40, Slice)));
        Assert.Equal([$"ForkRecovered {Slice}", $"ForkRecovered {Unit}"], Events);
    }

    [Fact]
    public void A_slice_is_no_recovery_when_the_unit_that_showed_its_limit_ends()
    {
        const string Slice = "/web.slice";
        var other = Process("b.service", Of(ConstraintType.Pids, 95, $"{Slice}/b.service"));
        Scan(Process("a.service", Of(ConstraintType.Pids, 92, Slice)), other);
        _ = Events;

        Scan(other);
        Assert.Empty(Events);

        Scan(Process("b.service", Of(ConstraintType.Pids, 40, Slice)));
        Assert.Equal([$"ForkRecovered {Slice}", $"ForkRecovered {Slice}/b.service"], Events);
    }

    [Fact]
    public void A_unit_that_ends_recovers_although_its_slice_is_full()
    {
        const string Unit = "/web.slice/a.service";
        var other = Process("b.service", Of(ConstraintType.Pids, 95, "/web.slice"));
        Scan(Process("a.service", Of(ConstraintType.Pids, 92, Unit)), other);
        _ = Events;

        Scan(other);
        Assert.Equal([$"ForkRecovered {Unit}"], Events);
    }

    [Fact]
    public void Two_levels_that_are_the_tightest_by_turns_are_announced_after_the_hold()
    {
        _tracker = Of(new ClusterForkWatchSpec { HoldSeconds = 120 });
        for (var scan = 0; scan < 12; scan++)
        {
            var scope = scan % 2 == 0 ? "/system.slice" : "/system.slice/web.service";
            Scan(Process("web.service", Of(ConstraintType.Pids, 92, scope)));
        }

        Assert.Equal(["ForkAtRisk /system.slice", "ForkAtRisk /system.slice/web.service"], Events);
    }

    [Fact]
    public void A_growing_process_decides_before_a_larger_steady_one()
    {
        Scan(
            Process("web.service", Of(ConstraintType.LargestMapping, 95, null) with { Growing = false }),
            Process("web.service", Of(ConstraintType.LargestMapping, 92, null))
        );
        var only = Assert.Single(_events);
        Assert.Equal(("ForkAtRisk", 92), (only.Type, only.Constraint!.Percent));
    }

    [Fact]
    public void A_constraint_that_an_entry_leaves_out_recovers_only_below_what_it_left_out()
    {
        _tracker = Of(new ClusterForkWatchSpec { HoldSeconds = 0, ClearBelowPercent = 40 });
        Scan(Process("web.service", Of(ConstraintType.LargestMapping, 80, null)));
        Assert.Equal(["ForkAtRisk "], Events);

        var other = Process("web.service", Of(ConstraintType.Pids, 65, "/system.slice/web.service"));
        Scan(other with { OmittedBelowPercent = 46 });
        Assert.Empty(Events);

        Scan(other with { OmittedBelowPercent = 40 });
        Assert.Equal(["ForkRecovered "], Events);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Usage_that_comes_back_within_ten_minutes_is_one_event_although_no_scan_names_it_meanwhile(
        bool isNamedFirst
    )
    {
        var full = Process("web.service", Of(ConstraintType.LargestMapping, 80, null));
        Scan(full);
        if (isNamedFirst)
        {
            Scan(Process("web.service", Of(ConstraintType.LargestMapping, 40, null)));
        }

        Scan();
        Assert.Equal(["ForkAtRisk ", "ForkRecovered "], Events);

        Scan(full);
        Scan();
        Assert.Empty(Events);
        Scan(full);
        Assert.Equal(1, _tracker.AtRisk);
        _now += TimeSpan.FromMinutes(10);
        Scan(full);
        Assert.Equal(["ForkAtRisk "], Events);
    }

    [Fact]
    public void A_changed_manifest_announces_nothing_again()
    {
        var full = Process("web.service", Of(ConstraintType.LargestMapping, 80, null));
        var recovering = Process("db.service", Of(ConstraintType.LargestMapping, 80, null));
        Scan(full, recovering);
        Scan(full);
        _ = Events;

        Change(new ClusterForkWatchSpec { HoldSeconds = 0, WarnAtPercent = 75 });
        Scan(full, recovering);
        Assert.Empty(Events);

        Scan();
        Assert.Equal(["ForkRecovered "], Events);
    }

    [Fact]
    public void A_target_that_a_changed_manifest_does_not_select_any_more_has_not_recovered()
    {
        var full = Process("web.service", Of(ConstraintType.LargestMapping, 80, null));
        Scan(full);
        _ = Events;

        Change(new ClusterForkWatchSpec { HoldSeconds = 0, Commands = ["postgres"] });
        Scan(full);
        Assert.Empty(Events);

        Change(new ClusterForkWatchSpec { HoldSeconds = 0 });
        Scan(full);
        Assert.Empty(Events);
        Scan();
        Assert.Equal(["ForkRecovered "], Events);
    }

    [Fact]
    public void A_risk_that_was_announced_long_ago_stays_announced_when_the_manifest_changes()
    {
        var steady = Process("web.service", Of(ConstraintType.LargestMapping, 80, null) with { Growing = false });
        Scan(steady);
        Assert.Equal(["ForkNearLimit "], Events);
        _now += TimeSpan.FromHours(1);
        Scan(steady);

        Change(new ClusterForkWatchSpec { HoldSeconds = 0, Commands = ["postgres"] });
        Scan(steady);
        Change(new ClusterForkWatchSpec { HoldSeconds = 0 });
        Scan(steady);
        Assert.Empty(Events);
        Scan();
        Assert.Equal(["ForkRecovered "], Events);
    }

    [Fact]
    public void A_manifest_with_another_rule_takes_over_nothing()
    {
        var full = Process("web.service", Of(ConstraintType.LargestMapping, 80, null));
        Scan(full);
        _ = Events;

        Change(new ClusterForkWatchSpec { HoldSeconds = 0, EvaluateAs = EvaluationMode.Strict });
        Scan();
        Assert.Empty(Events);
        Change(new ClusterForkWatchSpec { HoldSeconds = 0 });
        Scan(full);
        Assert.Equal(["ForkAtRisk "], Events);
    }

    [Fact]
    public void A_what_if_proves_nothing_about_constraints_that_it_does_not_have()
    {
        var full = Process("web.service", Of(ConstraintType.Pids, 92, "/system.slice/web.service"));
        Scan(full);
        _ = Events;

        _isWhatIf = true;
        Scan();
        Assert.Empty(Events);
        _isWhatIf = false;
        Scan(full);
        Scan();
        Assert.Equal(["ForkRecovered /system.slice/web.service"], Events);
    }

    private void Change(ClusterForkWatchSpec spec)
    {
        var earlier = _tracker;
        _tracker = Of(spec);
        _tracker.Inherit(earlier, _now);
    }

    /// <summary>The events since the last call.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(null)]
    public void A_save_at_risk_says_when_its_whole_cgroup_would_die(bool? killsContainer)
    {
        var redis = Process("redis.service", Of(ConstraintType.CopyOnWrite, 95, "/system.slice/redis.service"));
        Scan(
            redis with
            {
                Snapshot = new SnapshotReport { LearnedPeakBytes = 95, KillsContainer = killsContainer },
            }
        );

        var risk = Assert.Single(_events, e => e.Type == "ForkSnapshotAtRisk");
        Assert.Equal(
            killsContainer == true,
            risk.Reason.Contains("an OOM kill ends all processes of its cgroup", StringComparison.Ordinal)
        );
    }

    private IReadOnlyList<string> Events
    {
        get
        {
            List<string> taken = [.. _events.Select(said => $"{said.Type} {said.Constraint!.ScopeName}")];
            _events.Clear();
            return taken;
        }
    }

    private void Scan(params ProcessReport[] processes)
    {
        _now += Interval;
        _tracker.Evaluate(
            new WatchScan
            {
                Time = _now,
                Interval = Interval,
                State = default,
                Processes = [.. processes.Select(process => process with { MeasuredTime = _now })],
                UnlistedBelow = 10,
                IsWhatIf = _isWhatIf,
                NodeConstraints = [],
                IsAlive = _ => true,
                FindMember = (_, _) => null,
            },
            _events
        );
    }

    private static TargetTracker Of(ClusterForkWatchSpec spec) =>
        new(HostWatch.From("host", spec with { HostProcesses = new HostProcessSelector() })!);

    private static ProcessReport Process(string? unit, ConstraintReport constraint) =>
        new()
        {
            Pid = 7,
            Command = "redis-server",
            SystemdUnit = unit,
            Verdict = Verdict.CanFork,
            BindingConstraint = constraint.Type,
            Constraints = [constraint],
        };

    private static ConstraintReport Of(ConstraintType type, int percent, string? scope) =>
        new()
        {
            Type = type,
            Unit = ConstraintUnit.Tasks,
            Scope =
                scope is null ? ConstraintScope.Process
                : type == ConstraintType.UserProcesses ? ConstraintScope.User
                : ConstraintScope.Cgroup,
            ScopeName = scope,
            Used = percent,
            Limit = 100,
            Percent = percent,
            Confidence = Confidence.Exact,
            Growing = true,
        };
}
