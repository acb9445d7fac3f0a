using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Readings;
using ForkGuard.Node.Scanning;
using static ForkGuard.Node.Tests.Scanning.Candidates;

namespace ForkGuard.Node.Tests.Scanning;

public sealed class RemeasurementTests
{
    private readonly Dictionary<int, ProcessReading> _now = [];
    private readonly List<(int Pid, int Level)> _measured = [];

    [Fact]
    public void A_kept_answer_of_a_hot_process_is_measured_again()
    {
        _now[1] = Reading(1, "redis", 67);
        var group = Settle(Of(Pod("p"), Reading(1, "redis", 66, isKept: true)));
        Assert.Equal(67, Assert.Single(group).Constraints[0].Percent);
        Assert.False(group[0].Accounting!.Value.IsKept);
    }

    [Fact]
    public void A_kept_answer_is_enough_below_that()
    {
        Settle(Of(Pod("p"), Reading(1, "redis", 64, isKept: true)));
        Assert.Empty(_measured);
    }

    [Fact]
    public void A_process_that_is_not_hot_any_more_gives_way_to_the_next_of_its_group()
    {
        _now[1] = Reading(1, "redis", 12);
        var group = Settle(Of(Pod("p"), Reading(1, "redis", 90, isKept: true)), Of(Pod("p"), Reading(2, "redis", 70)));
        Assert.Equal([2, 1], group.Select(c => c.Identity.Pid));
    }

    [Fact]
    public void A_larger_steady_process_behind_one_that_grows_is_measured_again_too()
    {
        _now[1] = Reading(1, "redis", 95);
        var growing = Of(Pod("p"), Reading(2, "redis", 72));
        growing.Constraints[0] = growing.Constraints[0] with { Growing = true };
        var group = Settle(growing, Of(Pod("p"), Reading(1, "redis", 95, isKept: true)));
        Assert.Equal([2, 1], group.Select(c => c.Identity.Pid));
        Assert.Equal(1, Assert.Single(_measured).Pid);
    }

    [Theory]
    [InlineData(ReadStatus.Gone, 1)]
    [InlineData(ReadStatus.NoAddressSpace, 1)]
    [InlineData(ReadStatus.Ok, 99)]
    public void A_process_that_ended_meanwhile_is_left_out(ReadStatus status, ulong startTime)
    {
        _now[1] = Reading(1, "redis", 90) with { Status = status, StartTime = startTime };
        Assert.Empty(Settle(Of(Pod("p"), Reading(1, "redis", 90, isKept: true))));
    }

    [Fact]
    public void A_process_below_the_level_stays_for_its_other_constraints()
    {
        _now[1] = Reading(1, "redis", 3);
        var candidate = Of(Pod("p"), Reading(1, "redis", 90, isKept: true));
        candidate.Constraints.Add(Pids(40, "/p"));
        Assert.Equal(ConstraintType.Pids, Assert.Single(Assert.Single(Settle(candidate)).Constraints).Type);
    }

    /// <summary>K14: far below the warning only a bound is known, and no event rests on one.</summary>
    [Fact]
    public void An_upper_bound_that_grows_into_its_limit_within_the_forecast_is_measured()
    {
        _now[1] = Reading(1, "redis", 40);
        var candidate = Of(Pod("p"), Reading(1, "redis", 41, isBound: true));
        candidate.Constraints[0] = candidate.Constraints[0] with { Growing = true, SecondsToLimit = 600 };
        var group = Settle(Settings with { Forecast = TimeSpan.FromSeconds(900) }, candidate);
        Assert.Equal((1, 0), Assert.Single(_measured));
        Assert.Equal(Confidence.Exact, group[0].Constraints[0].Confidence);
    }

    [Fact]
    public void A_bound_of_a_commit_charge_that_grows_into_the_limit_within_the_forecast_is_measured()
    {
        var bound = Reading(1, "redis", 80, isBound: true);
        bound = bound with { Assessment = bound.Assessment with { Constraint = ConstraintType.CommitCharge } };
        _now[1] = bound with { Assessment = bound.Assessment with { IsBound = false } };
        var candidate = Of(Pod("p"), bound);
        candidate.Constraints[0] = candidate.Constraints[0] with { Growing = true, SecondsToLimit = 600 };
        var group = Settle(Settings with { Forecast = TimeSpan.FromSeconds(900) }, candidate);
        Assert.Equal((1, 0), Assert.Single(_measured));
        Assert.Equal(Confidence.Exact, group[0].Constraints[0].Confidence);
    }

    [Theory]
    [InlineData(true, 1000)]
    [InlineData(false, 600)]
    [InlineData(null, 600)]
    public void An_upper_bound_without_growth_into_its_limit_is_not_measured(bool? growing, long seconds)
    {
        var candidate = Of(Pod("p"), Reading(1, "redis", 41, isBound: true));
        candidate.Constraints[0] = candidate.Constraints[0] with { Growing = growing, SecondsToLimit = seconds };
        Settle(Settings with { Forecast = TimeSpan.FromSeconds(900) }, candidate);
        Assert.Empty(_measured);
    }

    [Fact]
    public void Without_budget_nothing_is_measured()
    {
        Settle(Settings, 0, Of(Pod("p"), Reading(1, "redis", 90, isKept: true)));
        Assert.Empty(_measured);
    }

    private List<Candidate> Settle(params Candidate[] group) => Settle(Settings, group);

    private List<Candidate> Settle(ReportSettings settings, params Candidate[] group) =>
        Settle(settings, int.MaxValue, group);

    private List<Candidate> Settle(ReportSettings settings, int budget, params Candidate[] candidates)
    {
        var growth = new GrowthTracker();
        growth.Begin(Scans.Start);
        var moment = new ScanMoment(
            new KernelState { PageSize = 4096 },
            OvercommitMode.Heuristic,
            settings,
            default,
            Scans.Start,
            TestContext.Current.CancellationToken
        );
        List<Candidate> group = [.. candidates];
        var remeasurement = new Remeasurement(
            (pid, level) => _measured.Count < budget ? Measure(pid, level) : null,
            growth,
            moment
        );
        remeasurement.Settle(group);
        return group;
    }

    private ProcessReading Measure(int pid, int level)
    {
        _measured.Add((pid, level));
        return _now[pid];
    }
}
