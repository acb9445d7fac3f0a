using ForkGuard.Agent.Reporting;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Scanning;
using ForkGuard.Node.Tests.Scanning;

namespace ForkGuard.Agent.Tests.Reporting;

public sealed class WritePolicyTests
{
    private static readonly ReportSettings Settings = new(10, 65, TimeSpan.FromSeconds(15));
    private static readonly IReadOnlyList<Condition> Fine = [Degraded("False", "AllReadable")];

    private readonly WritePolicy _policy = new(() => 0.5);
    private DateTimeOffset _now = Scans.Start;

    [Fact]
    public void The_first_scan_is_written() => Assert.Equal(WriteReason.First, Ask(Scans.Of()));

    [Fact]
    public void The_same_again_is_not_written()
    {
        Write(Scans.Of(Scans.Process("redis-server", 40)));
        Assert.Equal(WriteReason.None, Ask(Scans.Of(Scans.Process("redis-server", 40))));
    }

    [Theory]
    [InlineData(65)]
    [InlineData(66)]
    [InlineData(110)]
    public void A_process_above_the_threshold_is_written_at_every_scan(int percent)
    {
        var scan = Scans.Of(Scans.Process("redis-server", percent));
        Write(scan);
        Assert.Equal(WriteReason.AboveThreshold, Ask(scan));
    }

    [Fact]
    public void Without_a_watch_nothing_is_above_the_threshold()
    {
        var scan = Scans.Of(Scans.Process("redis-server", 99));
        var settings = Settings with { EveryScanAtPercent = null };
        _policy.Written(scan, Fine, settings, _now);
        Assert.Equal(WriteReason.None, _policy.Ask(scan, Fine, settings, _now));
    }

    [Theory]
    [InlineData(Verdict.CanFork)]
    [InlineData(Verdict.Unknown)]
    public void An_upper_bound_is_not_above_the_threshold(Verdict verdict)
    {
        var scan = Scans.Of(Scans.Process("java", 300, verdict, isBound: true));
        Write(scan);
        Assert.Equal(WriteReason.None, Ask(scan));
    }

    /// <summary>The border is crossed by less than what makes a band sure, and yet the recovery must be known.</summary>
    [Fact]
    public void A_process_that_fell_below_the_threshold_is_written_once_more()
    {
        Write(Scans.Of(Scans.Process("redis-server", 65)));
        var after = Scans.Of(Scans.Process("redis-server", 64));
        Assert.Equal(WriteReason.BelowThreshold, Ask(after));
        Write(after);
        Assert.Equal(WriteReason.None, Ask(after));
    }

    [Theory]
    [InlineData(40, 44, WriteReason.None)]
    [InlineData(44, 45, WriteReason.None)]
    [InlineData(44, 46, WriteReason.Changed)]
    [InlineData(41, 39, WriteReason.Changed)]
    [InlineData(40, 55, WriteReason.Changed)]
    public void A_band_of_five_points_is_a_change_once_it_is_sure(int then, int now, object expected)
    {
        Write(Scans.Of(Scans.Process("redis-server", then)));
        Assert.Equal(expected, Ask(Scans.Of(Scans.Process("redis-server", now))));
    }

    [Fact]
    public void Another_verdict_is_a_change()
    {
        Write(Scans.Of(Scans.Process("redis-server", 40)));
        Assert.Equal(WriteReason.Changed, Ask(Scans.Of(Scans.Process("redis-server", 40, Verdict.Unknown, true))));
    }

    [Fact]
    public void Each_constraint_has_bands_of_its_own()
    {
        Write(Scans.Of(Scans.With("redis", Mapping(40), Pids(31))));
        Assert.Equal(WriteReason.None, Ask(Scans.Of(Scans.With("redis", Mapping(41), Pids(32)))));
        Assert.Equal(WriteReason.Changed, Ask(Scans.Of(Scans.With("redis", Mapping(40), Pids(36)))));
    }

    [Fact]
    public void A_constraint_of_the_node_has_bands_too()
    {
        var quiet = Scans.Of() with { Constraints = [Node(41)] };
        Write(quiet);
        Assert.Equal(WriteReason.None, Ask(quiet with { Constraints = [Node(44)] }));
        Assert.Equal(WriteReason.Changed, Ask(quiet with { Constraints = [Node(47)] }));
        Assert.Equal(WriteReason.AboveThreshold, Ask(quiet with { Constraints = [Node(65)] }));
    }

    [Fact]
    public void Any_constraint_counts_and_not_only_the_binding_one()
    {
        var scan = Scans.Of(Scans.With("java", Mapping(300, isBound: true), Pids(66)));
        Write(scan);
        Assert.Equal(WriteReason.AboveThreshold, Ask(scan));
    }

    [Fact]
    public void Further_refusals_are_a_change()
    {
        Write(Scans.Of(Scans.With("redis", Pids(40) with { Refused = 4 })));
        Assert.Equal(WriteReason.None, Ask(Scans.Of(Scans.With("redis", Pids(40) with { Refused = 4 }))));
        Assert.Equal(WriteReason.Changed, Ask(Scans.Of(Scans.With("redis", Pids(40) with { Refused = 5 }))));
    }

    /// <summary>A pod's tasks stand in its worst entry, which may be another one at each scan.</summary>
    [Fact]
    public void Tasks_of_a_unit_that_another_entry_shows_are_no_change()
    {
        Write(Scans.Of(Scans.With("redis", Mapping(40), Pids(30)), Scans.With("sh", Mapping(40))));
        Assert.Equal(
            WriteReason.None,
            Ask(Scans.Of(Scans.With("redis", Mapping(40)), Scans.With("sh", Mapping(40), Pids(30))))
        );
    }

    [Fact]
    public void A_save_of_each_command_of_a_unit_has_bands_of_its_own()
    {
        ConstraintReport Memory(int percent) =>
            Scans.Constraint(ConstraintType.CopyOnWrite, percent) with
            {
                ScopeName = "/system.slice",
            };
        NodeScan Scan(int redis, int sh) =>
            Scans.Of(Scans.With("redis", Mapping(20), Memory(redis)), Scans.With("sh", Mapping(20), Memory(sh)));

        Write(Scan(60, 40));
        Assert.Equal(WriteReason.None, Ask(Scan(60, 40)));
        Assert.Equal(WriteReason.Changed, Ask(Scan(50, 40)));
        Assert.Equal(WriteReason.Changed, Ask(Scan(60, 50)));
    }

    [Fact]
    public void Another_binding_constraint_is_a_change_once_it_is_sure()
    {
        Write(Scans.Of(Scans.With("redis", Mapping(42), Pids(41))));
        Assert.Equal(WriteReason.None, Ask(Scans.Of(Scans.With("redis", Pids(42), Mapping(41)))));
        Assert.Equal(WriteReason.Changed, Ask(Scans.Of(Scans.With("redis", Pids(44), Mapping(42)))));
    }

    [Fact]
    public void Growth_into_the_limit_within_the_forecast_is_written_at_every_scan()
    {
        var settings = Settings with { Forecast = TimeSpan.FromSeconds(900) };
        var growing = Mapping(30) with { Growing = true, SecondsToLimit = 800 };
        var scan = Scans.Of(Scans.With("redis", growing));
        _policy.Written(scan, Fine, settings, _now);
        Assert.Equal(WriteReason.AboveThreshold, _policy.Ask(scan, Fine, settings, _now));
    }

    [Fact]
    public void Another_mode_is_a_change()
    {
        Write(Scans.InMode(0));
        Assert.Equal(WriteReason.Changed, Ask(Scans.InMode(1)));
    }

    [Fact]
    public void An_entry_that_comes_or_goes_is_a_change()
    {
        var redis = Scans.Process("redis-server", 40);
        var both = Scans.Of(redis, Scans.Process("node", 30));
        Write(Scans.Of(redis));
        Assert.Equal(WriteReason.Changed, Ask(both));
        Write(both);
        Assert.Equal(WriteReason.Changed, Ask(Scans.Of(redis)));
    }

    [Fact]
    public void An_entry_that_wavers_about_the_report_level_is_no_change()
    {
        Write(Scans.Of());
        var there = Scans.Of(Scans.Process("node", 11));
        Assert.Equal(WriteReason.None, Ask(there));
        Write(there);
        Assert.Equal(WriteReason.None, Ask(Scans.Of()));
    }

    /// <summary>There every process has the node's percentage, and the list is full of those that come and go.</summary>
    [Fact]
    public void In_strict_mode_a_process_that_holds_little_itself_is_no_change()
    {
        Write(Scans.InMode(2, Scans.Strict("postgres", 50, ownPercent: 20)));
        Assert.Equal(
            WriteReason.None,
            Ask(Scans.InMode(2, Scans.Strict("postgres", 50, ownPercent: 20), Scans.Strict("sh", 40, ownPercent: 1)))
        );
        Assert.Equal(WriteReason.Changed, Ask(Scans.InMode(2, Scans.Strict("sh", 40, ownPercent: 1))));
    }

    [Fact]
    public void A_what_if_above_the_threshold_is_written_at_every_scan_and_once_more_below_it()
    {
        var quiet = Scans.InMode(1);
        var scan = quiet.WhatIf(EvaluationMode.Strict, Scans.Strict("redis-server", 65, ownPercent: 30));
        Write(scan);
        Assert.Equal(WriteReason.AboveThreshold, Ask(scan));
        Assert.Equal(
            WriteReason.BelowThreshold,
            Ask(quiet.WhatIf(EvaluationMode.Strict, Scans.Strict("redis-server", 64, ownPercent: 30)))
        );
    }

    [Fact]
    public void A_change_by_one_rule_is_a_change()
    {
        var redis = Scans.Process("redis-server", 40);
        var scan = Scans.Of(redis).WhatIf(EvaluationMode.Strict, Scans.Strict("redis-server", 50, ownPercent: 20));
        Write(scan);
        Assert.Equal(WriteReason.None, Ask(scan));
        Assert.Equal(
            WriteReason.Changed,
            Ask(Scans.Of(redis).WhatIf(EvaluationMode.Strict, Scans.Strict("redis-server", 57, ownPercent: 27)))
        );
        Assert.Equal(
            WriteReason.Changed,
            Ask(
                Scans
                    .Of(Scans.Process("redis-server", 47))
                    .WhatIf(EvaluationMode.Strict, Scans.Strict("redis-server", 50, ownPercent: 20))
            )
        );
    }

    /// <summary>Until it is written the controller knows of nothing by this rule, and an empty list is an answer too.</summary>
    [Fact]
    public void Another_what_if_is_a_change()
    {
        Write(Scans.Of());
        var asked = Scans.Of().WhatIf(EvaluationMode.Strict);
        Assert.Equal(WriteReason.Changed, Ask(asked));
        Write(asked);
        Assert.Equal(WriteReason.None, Ask(asked));
        Assert.Equal(WriteReason.Changed, Ask(Scans.Of()));
    }

    [Fact]
    public void A_condition_is_a_change()
    {
        Write(Scans.Of());
        Assert.Equal(WriteReason.Changed, _policy.Ask(Scans.Of(), [Degraded("True", "AppArmor")], Settings, _now));
    }

    [Fact]
    public void A_heartbeat_comes_within_five_minutes()
    {
        Write(Scans.Of());
        _now += TimeSpan.FromSeconds(269);
        Assert.Equal(WriteReason.None, Ask(Scans.Of()));
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(WriteReason.Heartbeat, Ask(Scans.Of()));
    }

    [Theory]
    [InlineData(0.0, 240)]
    [InlineData(0.999, 299)]
    public void Heartbeats_of_many_nodes_are_spread(double random, int seconds)
    {
        var policy = new WritePolicy(() => random);
        policy.Written(Scans.Of(), Fine, Settings, _now);
        Assert.Equal(WriteReason.None, policy.Ask(Scans.Of(), Fine, Settings, _now.AddSeconds(seconds - 1)));
        Assert.Equal(WriteReason.Heartbeat, policy.Ask(Scans.Of(), Fine, Settings, _now.AddSeconds(seconds + 1)));
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_hold_the_heartbeat_up()
    {
        Write(Scans.Of());
        _now -= TimeSpan.FromDays(1);
        Assert.Equal(WriteReason.Heartbeat, Ask(Scans.Of()));
    }

    [Fact]
    public void A_report_that_is_gone_is_written_again()
    {
        Write(Scans.Of());
        _policy.Forget();
        Assert.Equal(WriteReason.First, Ask(Scans.Of()));
    }

    private static ConstraintReport Mapping(int percent, bool isBound = false) =>
        Scans.Constraint(ConstraintType.LargestMapping, percent, isBound ? Confidence.UpperBound : Confidence.Exact);

    private static ConstraintReport Pids(int percent) => Scans.Constraint(ConstraintType.Pids, percent);

    private static ConstraintReport Node(int percent) =>
        Scans.Constraint(ConstraintType.Threads, percent) with
        {
            Scope = ConstraintScope.Node,
        };

    private static Condition Degraded(string status, string reason) =>
        new()
        {
            Type = "Degraded",
            Status = status,
            Reason = reason,
        };

    private void Write(NodeScan scan) => _policy.Written(scan, Fine, Settings, _now);

    private WriteReason Ask(NodeScan scan) => _policy.Ask(scan, Fine, Settings, _now);
}
