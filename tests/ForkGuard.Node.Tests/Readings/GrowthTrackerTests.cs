using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Readings;
using ForkGuard.Node.Tests.Scanning;

namespace ForkGuard.Node.Tests.Readings;

public sealed class GrowthTrackerTests
{
    private static readonly TimeSpan Old = TimeSpan.FromHours(10);
    private static readonly TimeSpan ScanInterval = TimeSpan.FromSeconds(15);
    private static readonly ProcessIdentity First = new(1, 100);
    private static readonly ProcessIdentity Second = new(2, 200);

    private readonly GrowthTracker _tracker = new();
    private DateTimeOffset _now = Scans.Start;

    /// <summary>K10: two workers of one name that grow take turns at being the worst.</summary>
    [Fact]
    public void Two_workers_of_one_name_have_growth_each()
    {
        var (first, second) = (default(ConstraintReport)!, default(ConstraintReport)!);
        for (var i = 0; i < 10; i++)
        {
            Begin();
            first = Add(First, Mapping(300 + (10 * i)));
            second = Add(Second, Mapping(305 + (20 * i)));
            _tracker.End();
        }

        Assert.Equal((40, 80), (first.GrowthPerMinute, second.GrowthPerMinute));
        Assert.Equal((1000 - 390) / 40 * 60 + 15, first.SecondsToLimit);
    }

    /// <summary>A peak that a save raises in every scan may still be far below what there is room for.</summary>
    [Fact]
    public void The_peak_of_a_save_has_no_growth_and_a_running_one_keeps_its_time_left()
    {
        ConstraintReport last = null!;
        for (var i = 0; i < 10; i++)
        {
            Begin();
            last = Add(First, Save(300 + (60 * i)));
            _tracker.End();
        }

        Assert.Equal((null, null, null), (last.GrowthPerMinute, last.SecondsToLimit, last.Growing));
        var running = Save(300) with { SecondsToLimit = 7, Growing = true };
        Assert.Equal(running, Add(First, running));
    }

    [Fact]
    public void A_new_process_with_the_pid_starts_without_growth()
    {
        Grow(First, 10);
        Begin();
        Assert.Null(Add(First with { StartTime = 101 }, Mapping(900)).GrowthPerMinute);
    }

    [Fact]
    public void Tasks_of_a_pod_keep_their_growth_while_its_worst_process_changes()
    {
        ConstraintReport last = null!;
        for (var i = 0; i < 10; i++)
        {
            Begin();
            last = Add(i % 2 == 0 ? First : Second, Tasks(100 + (10 * i)));
            _tracker.End();
        }

        Assert.Equal(40, last.GrowthPerMinute);
    }

    [Fact]
    public void What_fork_children_hold_is_no_growth()
    {
        ConstraintReport last = null!;
        for (var i = 0; i < 10; i++)
        {
            Begin();
            last = Add(First, Charge(500 + (10 * i)) with { ForkChildren = 10 * i });
            _tracker.End();
        }

        Assert.Equal(0, last.GrowthPerMinute);
        Assert.Null(last.SecondsToLimit);
    }

    [Fact]
    public void A_measurement_continues_the_history_of_a_bound_near_it()
    {
        Grow(First, 10, Confidence.UpperBound);
        Begin();
        Assert.Equal(40, Add(First, Mapping(400)).GrowthPerMinute);
    }

    /// <summary>A mapping that is not charged grows above the largest one that is: bound and measurement part.</summary>
    [Fact]
    public void A_measurement_does_not_grow_with_the_bound_that_it_once_was()
    {
        ConstraintReport measured = null!;
        for (var scan = 0; scan < 20; scan++)
        {
            Begin();
            var bound = Mapping(920 + (10 * Math.Max(0, scan - 10)));
            Add(First, bound with { Confidence = Confidence.UpperBound });
            measured = Add(First, Mapping(920));
            _tracker.End();
        }

        Assert.NotEqual(true, measured.Growing);
        Assert.Equal(0, measured.GrowthPerMinute);
    }

    [Fact]
    public void A_measurement_far_below_the_bound_starts_a_history_of_its_own()
    {
        Grow(First, 10, Confidence.UpperBound);
        Begin();
        Assert.Null(Add(First, Mapping(150)).GrowthPerMinute);
    }

    /// <summary>smaps of a large process is not read in every scan, and a reservation is above what is charged.</summary>
    [Fact]
    public void A_measurement_goes_on_after_scans_that_had_a_bound_far_above()
    {
        Grow(First, 10);
        for (var scan = 0; scan < 3; scan++)
        {
            Begin();
            Add(First, Mapping(900) with { Confidence = Confidence.UpperBound });
            _tracker.End();
        }

        Begin();
        Assert.Equal(40, Add(First, Mapping(430)).GrowthPerMinute);
    }

    /// <summary>A young process would otherwise seem to start again when it is first measured, in the middle of its growth.</summary>
    [Fact]
    public void What_settled_by_its_bound_has_settled_when_it_is_measured()
    {
        var age = SettleByBound(600);

        Begin();
        Assert.Equal(400, _tracker.Complete(First, Mapping(400), age).Settled?.Used);
        _tracker.End();
        Begin();
        Assert.True(_tracker.Complete(First, Mapping(420), age + ScanInterval).Growing);
    }

    /// <summary>A hash table that doubles: the first measurement is far above everything before.</summary>
    [Fact]
    public void What_is_measured_above_its_settled_bound_grows()
    {
        var age = SettleByBound(570);

        Begin();
        var measured = _tracker.Complete(First, Mapping(1090), age);

        Assert.Equal((true, 570L), (measured.Growing, measured.Settled?.Used));
    }

    [Fact]
    public void Settled_usage_of_an_earlier_report_counts_from_the_next_scan_on()
    {
        var settled = new SettledReport { Time = Scans.Start.AddDays(-1), Used = 250 };
        _tracker.Restore(First, Mapping(300) with { Settled = settled });
        Begin();
        var completed = Add(First, Mapping(310));
        Assert.Equal(settled, completed.Settled);
        Assert.True(completed.Growing);
    }

    [Fact]
    public void Settled_usage_of_an_earlier_report_takes_the_place_of_a_later_one()
    {
        Begin();
        Add(First, Mapping(310));
        _tracker.End();
        var settled = new SettledReport { Time = Scans.Start.AddDays(-1), Used = 250 };
        _tracker.Restore(First, Mapping(300) with { Settled = settled });
        Begin();
        Assert.Equal(settled, Add(First, Mapping(310)).Settled);
    }

    [Fact]
    public void Another_process_does_not_take_over_settled_usage()
    {
        var settled = new SettledReport { Time = Scans.Start.AddDays(-1), Used = 250 };
        _tracker.Restore(First, Mapping(300) with { Settled = settled });
        Begin();
        Assert.NotEqual(settled, Add(First with { StartTime = 101 }, Mapping(310)).Settled);
    }

    [Fact]
    public void Cgroups_with_long_paths_have_histories_of_their_own_also_from_an_earlier_report()
    {
        var prefix = "/docker/" + new string('x', 300);
        var settled = new SettledReport { Time = Scans.Start.AddDays(-1), Used = 250 };
        var reported = Tasks(300) with { ScopeName = BoundedPath.Of(prefix + "/a"), Settled = settled };
        _tracker.Restore(First, reported);
        Begin();
        Assert.Equal(settled, Add(First, Tasks(310) with { ScopeName = prefix + "/a" }).Settled);
        Assert.NotEqual(settled, Add(First, Tasks(310) with { ScopeName = prefix + "/b" }).Settled);
    }

    /// <summary>A container starts again beside the pause process of its pod, which is days old.</summary>
    [Fact]
    public void Tasks_of_a_cgroup_settle_from_when_they_were_first_seen_whatever_the_age_of_a_process()
    {
        Begin();
        Assert.Null(_tracker.Complete(First, Tasks(13), TimeSpan.FromDays(1)).Settled);
        _tracker.End();
        for (var i = 0; i < 5; i++)
        {
            Begin();
            Assert.Null(_tracker.Complete(First, Tasks(93), TimeSpan.FromDays(1)).Growing);
            _tracker.End();
        }
    }

    [Fact]
    public void Tasks_of_a_user_are_one_history_for_all_processes_with_the_same_limit()
    {
        ConstraintReport last = null!;
        for (var scan = 0; scan < 10; scan++)
        {
            Begin();
            for (var pid = 1; pid <= 600; pid++)
            {
                var reading = Tasks(500 + scan) with { Type = ConstraintType.UserProcesses, Limit = 1000 };
                _ = _tracker.Complete(new ProcessIdentity(pid, 1), reading, TimeSpan.FromDays(1));
            }

            last = _tracker.Complete(new ProcessIdentity(9999, 1), Mapping(300 + (10 * scan)), TimeSpan.FromDays(1));
            _tracker.End();
        }

        Assert.NotNull(last.GrowthPerMinute);
    }

    [Fact]
    public void A_failed_read_has_no_growth()
    {
        Begin();
        var failed = Mapping(0) with { Problem = "permission denied" };
        Assert.Equal(failed, Add(First, failed));
    }

    private void Grow(ProcessIdentity process, int scans, Confidence confidence = Confidence.Exact)
    {
        for (var i = 0; i < scans; i++)
        {
            Begin();
            Add(process, Mapping(300 + (10 * i)) with { Confidence = confidence });
            _tracker.End();
        }
    }

    /// <summary>Returns the age of the young process at the next scan.</summary>
    private TimeSpan SettleByBound(long used)
    {
        var age = TimeSpan.FromSeconds(30);
        for (var scan = 0; scan < 10; scan++, age += ScanInterval)
        {
            Begin();
            _ = _tracker.Complete(First, Mapping(used) with { Confidence = Confidence.UpperBound }, age);
            _tracker.End();
        }

        return age;
    }

    private void Begin()
    {
        _now += ScanInterval;
        _tracker.Begin(_now);
    }

    private ConstraintReport Add(ProcessIdentity process, ConstraintReport constraint) =>
        _tracker.Complete(process, constraint, Old);

    private static ConstraintReport Mapping(long used) => Of(ConstraintType.LargestMapping, used);

    private static ConstraintReport Charge(long used) => Of(ConstraintType.CommitCharge, used);

    private static ConstraintReport Tasks(long used) => Of(ConstraintType.Pids, used);

    private static ConstraintReport Save(long used) => Of(ConstraintType.CopyOnWrite, used);

    private static ConstraintReport Of(ConstraintType type, long used) =>
        Scans.Constraint(type, (int)(used / 10)) with
        {
            Used = used,
        };
}
