using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Node.Readings;
using ForkGuard.Node.Scanning;
using static ForkGuard.Node.Tests.Scanning.Candidates;

namespace ForkGuard.Node.Tests.Scanning;

public sealed class GroupEntryTests
{
    [Fact]
    public void Has_the_worst_process_of_each_container_and_command_with_their_number()
    {
        var entries = Entries(
            Of(1, Pod("p", "a"), "redis", Mapping(20)),
            Of(2, Pod("p", "a"), "redis", Mapping(30)),
            Of(3, Pod("p", "b"), "redis", Mapping(25)),
            Of(4, Pod("p", "a"), "sh", Mapping(11))
        );
        Assert.Equal([(2, 2), (3, 1), (4, 1)], entries.Select(e => (e.Worst.Identity.Pid, e.Count)));
    }

    [Fact]
    public void Has_the_worst_process_of_each_unit_and_command() =>
        Assert.Equal(
            [2, 3],
            PidsOf(
                Of(1, Unit("a.service"), "php-fpm", Mapping(20)),
                Of(2, Unit("a.service"), "php-fpm", Mapping(30)),
                Of(3, Unit("b.service"), "php-fpm", Mapping(20))
            )
        );

    [Fact]
    public void Two_users_of_one_unit_and_command_are_shown_each()
    {
        var entries = Entries(
            Of(1, Unit("cron.service"), "php", User(95, "1000")),
            Of(2, Unit("cron.service"), "php", User(80, "1001")),
            Of(3, Unit("cron.service"), "php", User(70, "1001"))
        );
        Assert.Equal(
            [(1, "1000"), (2, "1001")],
            entries.Select(e => (e.Worst.Identity.Pid, e.Constraints.Single().ScopeName!))
        );

        static ConstraintReport User(int percent, string uid) =>
            Scans.Constraint(ConstraintType.UserProcesses, percent) with
            {
                Scope = ConstraintScope.User,
                ScopeName = uid,
            };
    }

    [Fact]
    public void A_fork_child_stands_for_its_group_only_where_its_parent_is_not_in_it() =>
        Assert.Equal(
            [1, 3],
            PidsOf(
                Of(Pod("p", "a"), Reading(1, "redis", 30)),
                Of(Pod("p", "a"), Reading(2, "redis", 31, isForkChild: true)),
                Of(Pod("p", "b"), Reading(3, "redis", 25, isForkChild: true))
            )
        );

    /// <summary>The room of a save may be gone before the scan that would find it at the level of a report.</summary>
    [Theory]
    [InlineData(60, 1)]
    [InlineData(61, 0)]
    public void A_running_save_with_seconds_left_is_reported_below_the_level(long secondsLeft, int entries)
    {
        var save = new SnapshotReading
        {
            Pid = 1,
            Room = new MemoryRoom { Bytes = new ByteInterval(1000, 1000) },
            Cost = ForkCost.Of(new ProcessMemory { Anonymous = 1000 }),
            LearnedPeakBytes = 20,
            SecondsLeft = secondsLeft,
        };
        var found = new FoundConstraints(new ProcessFacts { Pid = 1 }, Pages: 0, [save.ToConstraint()]);
        Assert.Equal(entries > 0, found.Matters(Settings));
        var process = Of(1, Pod("p", "a"), "redis", save.ToConstraint().ToReport());
        Assert.Equal(entries, Entries(process).Count(entry => entry.Constraints.Any(c => c.Percent == 2)));
    }

    /// <summary>U1: hosts of .NET, Java, Node.js and wasm reserve several times the memory of the machine.</summary>
    [Fact]
    public void A_process_at_risk_comes_before_larger_upper_bounds()
    {
        var reserved = Enumerable.Range(1, 45).Select(i => Of(i, Unit($"{i}.service"), "java", Bound(300 + i)));
        var entries = Entries([.. reserved, Of(100, Unit("redis.service"), "redis", Mapping(76))]);
        Assert.Equal(100, entries[0].Worst.Identity.Pid);
    }

    [Fact]
    public void A_refusal_comes_before_a_higher_percentage()
    {
        var refused = Pids(99, "/a") with { Refuses = true };
        Assert.Equal(
            [2, 1],
            PidsOf(Of(1, Unit("b.service"), "x", Mapping(300)), Of(2, Unit("a.service"), "y", refused))
        );
    }

    [Fact]
    public void A_pods_tasks_stand_once_in_its_worst_entry()
    {
        var entries = Entries(
            Of(1, Pod("p", "a"), "redis", Mapping(55), Pids(60, "/p")),
            Of(2, Pod("p", "b"), "sidecar", Pids(60, "/p")),
            Of(3, Pod("q", "a"), "redis", Pids(60, "/q"))
        );
        Assert.Equal([3, 1], entries.Select(e => e.Worst.Identity.Pid));
        Assert.Equal(
            [ConstraintType.Pids, ConstraintType.LargestMapping],
            entries[1].Constraints.Select(c => c.Type.Known!.Value)
        );
    }

    [Fact]
    public void Tasks_of_a_pod_without_any_other_constraint_stand_in_the_entry_of_its_largest_process() =>
        Assert.Equal(
            [2],
            PidsOf(Of(1, Pod("p", "pause"), "pause", Pids(60, "/p")), Of(2, Pod("p", "a"), "redis", Pids(60, "/p")))
        );

    [Fact]
    public void A_process_that_shares_a_refusal_cannot_fork_although_another_entry_shows_it()
    {
        var refused = Pids(100, "/p") with { Refuses = true };
        var entries = Entries(
            Of(1, Pod("p", "a"), "redis", Mapping(40), refused),
            Of(2, Pod("p", "b"), "sidecar", Mapping(20), refused)
        );
        Assert.All(entries, entry => Assert.Equal(Verdict.CannotFork, entry.Verdict));
        Assert.Single(entries, entry => entry.Constraints.Any(c => c.Type == ConstraintType.Pids));
    }

    [Fact]
    public void A_bound_above_its_limit_is_no_verdict_and_binds_after_what_was_measured()
    {
        var entry = Assert.Single(Entries(Of(1, Pod("p"), "java", Bound(300), Pids(70, "/p"))));
        Assert.Equal(Verdict.Unknown, entry.Verdict);
        Assert.Equal(ConstraintType.Pids, entry.Binding!.Type);
    }

    /// <summary>The kernel refuses the fork after the last task that it grants.</summary>
    [Fact]
    public void A_bound_of_tasks_at_its_limit_is_no_verdict()
    {
        var bound = Tasks(100, "1000") with { Unit = ConstraintUnit.Tasks, Confidence = Confidence.UpperBound };
        Assert.Equal(Verdict.Unknown, Assert.Single(Entries(Of(1, Pod("p"), "java", bound))).Verdict);
        Assert.Equal(Verdict.CanFork, Assert.Single(Entries(Of(1, Pod("p"), "java", Bound(100)))).Verdict);
    }

    [Fact]
    public void A_warning_about_saves_never_binds_and_is_no_verdict()
    {
        var save = Scans.Constraint(ConstraintType.CopyOnWrite, 150) with { Scope = ConstraintScope.Container };
        var entry = Assert.Single(Entries(Of(1, Pod("p"), "redis", Mapping(20), save)));
        Assert.Equal((ConstraintType.LargestMapping, Verdict.CanFork), (entry.Binding!.Type.Known, entry.Verdict));
    }

    [Fact]
    public void A_failed_read_alone_makes_no_entry_and_no_verdict()
    {
        var failed = Scans.Constraint(ConstraintType.UserProcesses, 0) with { Problem = "permission denied" };
        Assert.Empty(Entries(Of(1, Pod("p"), "redis", failed)));
        Assert.Equal(Verdict.Unknown, Assert.Single(Entries(Of(1, Pod("p"), "redis", failed, Mapping(20)))).Verdict);
    }

    /// <summary>Docker with the cgroupfs driver: containers without a unit.</summary>
    [Fact]
    public void Cgroups_of_the_host_without_a_unit_have_an_entry_each()
    {
        var entries = Entries(
            Of(1, default, "redis-server", Pids(95, "/docker/a")),
            Of(2, default, "redis-server", Pids(90, "/docker/b")),
            Of(3, default, "redis-server", Pids(90, "/docker/b"))
        );
        Assert.Equal(
            [("/docker/a", 1), ("/docker/b", 2)],
            entries.Select(entry => (entry.Constraints[0].ScopeName, entry.Count))
        );
    }

    [Fact]
    public void Cgroups_below_that_of_a_unit_have_an_entry_each_and_those_above_it_have_not()
    {
        var entries = Entries(
            Of(1, Unit("ci.service"), "make", Pids(95, "/system.slice/ci.service/job1")),
            Of(2, Unit("ci.service"), "make", Pids(90, "/system.slice/ci.service/job2")),
            Of(3, Unit("web.service"), "php-fpm", Pids(80, "/system.slice")),
            Of(4, Unit("web.service"), "php-fpm", Mapping(20))
        );
        Assert.Equal([1, 2, 3], entries.Select(entry => entry.Worst.Identity.Pid));
    }

    [Fact]
    public void Users_without_a_unit_have_an_entry_each() =>
        Assert.Equal(
            [1, 2],
            PidsOf(Of(1, default, "make", Tasks(95, "1000")), Of(2, default, "make", Tasks(90, "1001")))
        );

    [Fact]
    public void A_growing_process_comes_before_a_larger_steady_one_which_is_not_hidden_either()
    {
        var entries = Entries(
            Of(1, Pod("p"), "redis", Mapping(95) with { Growing = false }),
            Of(2, Pod("p"), "redis", Mapping(92) with { Growing = true }),
            Of(3, Pod("p"), "redis", Mapping(94) with { Growing = false })
        );
        Assert.Equal([2, 1], entries.Select(entry => entry.Worst.Identity.Pid));
    }

    [Fact]
    public void A_process_does_not_hide_the_other_constraints_of_its_group()
    {
        var entries = Entries(
            Of(1, Pod("p"), "redis", Mapping(95)),
            Of(2, Pod("p"), "redis", Mapping(60), Tasks(85, "999")),
            Of(3, Pod("p"), "redis", Mapping(59))
        );
        Assert.Equal(
            [(1, ConstraintType.LargestMapping), (2, ConstraintType.UserProcesses)],
            entries.Select(entry => (entry.Worst.Identity.Pid, Assert.Single(entry.Constraints).Type.Known!.Value))
        );
    }

    [Fact]
    public void An_entry_has_the_highest_percentage_that_it_leaves_out()
    {
        var entry = Assert.Single(
            Entries(Of(1, Pod("p"), "redis", Mapping(80), Tasks(40, "999")), Of(2, Pod("p"), "redis", Tasks(45, "999")))
        );
        Assert.Equal(45, entry.OmittedPercent);
    }

    /// <summary>The limit is shared, and each save takes memory of its own.</summary>
    [Theory]
    [InlineData("/p")]
    [InlineData(null)]
    public void Saves_of_each_container_and_command_of_a_pod_are_listed(string? scope)
    {
        var entries = Entries(
            Of(1, Pod("p", "cache"), "redis", Memory(ConstraintType.CopyOnWrite, 96, scope)),
            Of(2, Pod("p", "queue"), "redis", Memory(ConstraintType.CopyOnWrite, 95, scope)),
            Of(3, Pod("p", "queue"), "php-fpm", Memory(ConstraintType.CopyOnWrite, 94, scope))
        );
        Assert.Equal(
            [(1, 96), (2, 95), (3, 94)],
            entries.Select(entry => (entry.Worst.Identity.Pid, Assert.Single(entry.Constraints).Percent))
        );
    }

    [Fact]
    public void Room_of_a_pod_or_unit_is_listed_once()
    {
        var memory = ConstraintType.ContainerMemory;
        Assert.Equal(
            [1],
            PidsOf(
                Of(1, Pod("p", "cache"), "redis", Memory(memory, 96, "/p")),
                Of(2, Pod("p", "queue"), "redis", Memory(memory, 95, "/p"))
            )
        );
        Assert.Equal(
            [1],
            PidsOf(
                Of(1, Unit("web.service"), "redis", Memory(memory, 96, "/w")),
                Of(2, Unit("web.service"), "sh", Memory(memory, 95, "/w"))
            )
        );
    }

    [Fact]
    public void Memory_of_twelve_workers_of_one_command_is_listed_once()
    {
        var workers = Enumerable
            .Range(1, 12)
            .Select(i => Of(i, Pod("p"), "php-fpm", Memory(ConstraintType.ContainerMemory, 80 + i, "/p")));
        var entry = Assert.Single(Entries([.. workers]));
        Assert.Equal((12, 92), (entry.Worst.Identity.Pid, Assert.Single(entry.Constraints).Percent));
    }

    [Fact]
    public void A_save_that_an_entry_leaves_out_counts_for_it_although_another_container_has_more()
    {
        var entries = Entries(
            Of(1, Pod("p", "cache"), "redis", Memory(ConstraintType.CopyOnWrite, 96, "/p")),
            Of(2, Pod("p", "queue"), "redis", Mapping(80), Memory(ConstraintType.CopyOnWrite, 45, "/p"))
        );
        Assert.Equal([(1, 0), (2, 45)], entries.Select(entry => (entry.Worst.Identity.Pid, entry.OmittedPercent)));
    }

    [Fact]
    public void Memory_that_was_not_read_is_listed_beside_memory_that_was()
    {
        var failed = Scans.Constraint(ConstraintType.ContainerMemory, 0) with { Problem = "permission denied" };
        var entries = Entries(
            Of(1, Pod("p"), "redis", Memory(ConstraintType.ContainerMemory, 96, scope: null)),
            Of(2, Pod("p"), "redis", failed, Mapping(20))
        );
        Assert.Contains(entries, entry => entry.Constraints.Contains(failed));
        Assert.Contains(entries, entry => entry.Worst.Identity.Pid == 1);
    }

    private static ConstraintReport Memory(ConstraintType type, int percent, string? scope) =>
        Scans.Constraint(type, percent) with
        {
            Scope = scope is null ? ConstraintScope.Node : ConstraintScope.Pod,
            ScopeName = scope,
        };

    private static IEnumerable<int> PidsOf(params Candidate[] candidates) =>
        Entries(candidates).Select(entry => entry.Worst.Identity.Pid);
}
