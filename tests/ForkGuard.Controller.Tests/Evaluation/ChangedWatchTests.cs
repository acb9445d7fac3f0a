using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Tests.Evaluation;

/// <summary>What stays of the targets when a watch, or what it selects, changes.</summary>
public sealed class ChangedWatchTests : IDisposable
{
    private const string Warned = "ForkAtRisk LargestMapping";
    private const string Recovered = "ForkRecovered LargestMapping";

    private readonly OneWatch _watch = new();

    public ChangedWatchTests()
    {
        _watch.Report(null, Redis(Workloads.Constraint(80)));
        Assert.Equal([Warned], _watch.Announced);
    }

    public void Dispose() => _watch.Dispose();

    [Fact]
    public void A_watch_that_is_changed_after_a_recovery_announces_nothing_again()
    {
        _watch.Report(omittedBelow: null);
        _watch.Change(spec => spec with { WarnAtPercent = 75 });
        _watch.Report(null, Redis(Workloads.Constraint(80)));
        Assert.Equal(RiskLevel.AtRisk, _watch.LevelOf(ConstraintType.LargestMapping));
        Assert.Equal([Warned, Recovered], _watch.Announced);
    }

    [Fact]
    public void What_a_changed_watch_does_not_select_any_more_has_not_recovered()
    {
        _watch.Change(spec => spec with { Commands = ["postgres"] });
        _watch.Begin();
        _watch.Report(null, Redis(Workloads.Constraint(80)));
        Assert.Equal([Warned], _watch.Announced);
        Assert.Empty(_watch.Tracker.Targets);
    }

    [Fact]
    public void A_pod_that_is_selected_again_recovers_by_an_event()
    {
        _watch.Prune(hasPod: false);
        Assert.Empty(_watch.Tracker.Targets);

        _watch.Report(null, Redis(Workloads.Constraint(80)));
        Assert.Equal(RiskLevel.AtRisk, _watch.LevelOf(ConstraintType.LargestMapping));
        _watch.Report(null, Redis(Workloads.Constraint(40)));
        Assert.Equal([Warned, Recovered], _watch.Announced);
    }

    [Fact]
    public void What_a_pod_shares_is_of_the_watch_whichever_command_has_the_entry()
    {
        using var watch = new OneWatch(spec => spec with { Commands = ["redis-server"], HoldSeconds = 30 });
        for (var scan = 0; scan < 4; scan++)
        {
            watch.Report(null, OneWatch.Process("helper", "sidecar", Workloads.Pids(80)));
            watch.Prune();
        }

        Assert.Equal(["ForkAtRisk Pids"], watch.Announced);
    }

    [Fact]
    public void A_shared_risk_that_was_announced_long_ago_stays_announced_when_the_spec_changes()
    {
        using var watch = new OneWatch(spec => spec with { Commands = ["redis-server"] });
        var steady = OneWatch.Process("helper", "sidecar", Workloads.Pids(80) with { Growing = false });
        for (var scan = 0; scan < 60; scan++)
        {
            watch.Report(null, steady);
        }

        Assert.Equal(["ForkNearLimit Pids"], watch.Announced);

        watch.Change(spec => spec with { Commands = ["redis-server"], WarnAtPercent = 75 });
        watch.Report(null, steady);
        Assert.Equal(["ForkNearLimit Pids"], watch.Announced);

        watch.Report(null, OneWatch.Process("helper", "sidecar", Workloads.Pids(40)));
        Assert.Equal(["ForkNearLimit Pids", "ForkRecovered Pids"], watch.Announced);
    }

    [Fact]
    public void Another_rule_takes_over_nothing()
    {
        _watch.Change(spec => spec with { EvaluateAs = EvaluationMode.Strict });
        Assert.Empty(_watch.Tracker.Targets);
        _watch.Change(spec => spec);
        _watch.Report(null, Redis(Workloads.Constraint(80)));
        Assert.Equal([Warned, Warned], _watch.Announced);
    }

    [Fact]
    public void A_what_if_proves_nothing_about_constraints_that_it_does_not_have()
    {
        using var watch = new OneWatch(spec => spec with { EvaluateAs = EvaluationMode.Strict });
        watch.Report(status =>
            status with
            {
                Kernel = new KernelReport { OvercommitMode = 2 },
                Processes = [Redis(Workloads.Pids(80))],
            }
        );
        Assert.Equal(["ForkAtRisk Pids"], watch.Announced);

        watch.Report(status =>
            status with
            {
                Processes = [Redis(Workloads.Pids(80))],
                WhatIf = [new WhatIfReport { EvaluateAs = EvaluationMode.Strict, Processes = [] }],
            }
        );
        Assert.Equal(["ForkAtRisk Pids"], watch.Announced);
    }

    [Fact]
    public void The_next_leader_takes_over_which_event_was_the_last()
    {
        var time = DateTimeOffset.UnixEpoch;
        var state = Assert.Single(_watch.Tracker.Targets);
        Assert.Equal("ForkAtRisk", TargetMemory.StatusOf(state).Emitted);

        var silent = state with { Memory = state.Memory with { IsEmitted = false } };
        Assert.False(Restored(silent).Memory.IsEmitted);

        var refused = Redis(Workloads.Constraint(101)) with { Verdict = Verdict.CannotFork };
        _watch.Report(null, refused);
        Assert.Equal(RiskLevel.Impossible, Restored(Assert.Single(_watch.Tracker.Targets)).Level);

        _watch.Report(null, Redis(Workloads.Constraint(80)) with { Verdict = Verdict.CanFork });
        var eased = Restored(Assert.Single(_watch.Tracker.Targets));
        Assert.Equal(RiskLevel.AtRisk, eased.Level);
        Assert.Equal(time, eased.Memory.Impossible?.Time);

        TargetState Restored(TargetState of) =>
            Assert.Single(TargetMemory.Restore(new WatchStatus { Targets = [TargetMemory.StatusOf(of)] }, time));
    }

    private static ProcessReport Redis(params IReadOnlyList<ConstraintReport> constraints) =>
        OneWatch.Process("redis-server", Stage.App, constraints);
}
