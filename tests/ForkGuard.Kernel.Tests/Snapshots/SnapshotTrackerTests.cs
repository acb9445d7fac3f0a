using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Kernel.Tests.Cgroups;

namespace ForkGuard.Kernel.Tests.Snapshots;

public sealed class SnapshotTrackerTests
{
    private readonly SnapshotTracker _tracker = new(maxProcesses: 2);
    private int _second;

    [Fact]
    public void A_save_costs_what_anonymous_memory_rises_above_the_scan_before_it()
    {
        Scan(child: 0, anonymous: 100);
        Assert.Equal((30UL, 30UL), Costs(Scan(child: 9, anonymous: 130)));
        Assert.Equal((50UL, 50UL), Costs(Scan(child: 9, anonymous: 150)));
        Assert.Equal((40UL, 50UL), Costs(Scan(child: 9, anonymous: 140)));
        Assert.Equal((0UL, 50UL), Costs(Scan(child: 0, anonymous: 100)));
    }

    [Fact]
    public void The_costliest_save_counts()
    {
        Scan(child: 0, anonymous: 100);
        Scan(child: 9, anonymous: 180);
        Scan(child: 0, anonymous: 100);
        Assert.Equal((20UL, 80UL), Costs(Scan(child: 10, anonymous: 120)));
    }

    [Fact]
    public void A_save_that_ran_already_costs_what_falls_at_its_end()
    {
        Assert.Equal((0UL, null), Costs(Scan(child: 9, anonymous: 170)));
        Assert.Equal((0UL, 70UL), Costs(Scan(child: 0, anonymous: 100)));
    }

    [Fact]
    public void A_second_child_is_not_measured_from_what_the_first_one_held()
    {
        Scan(child: 0, anonymous: 100);
        Scan(child: 9, anonymous: 150);
        Assert.Equal((0UL, 50UL), Costs(Scan(child: 10, anonymous: 110)));
        Assert.Equal((40UL, 50UL), Costs(Scan(child: 10, anonymous: 150)));
    }

    [Fact]
    public void Seconds_left_are_the_room_at_the_growth_of_the_last_interval()
    {
        Scan(child: 0, anonymous: 100_000);
        Assert.Equal(10, Scan(child: 9, anonymous: 200_000, room: 100_000).SecondsLeft);
        Assert.Equal(80, Scan(child: 9, anonymous: 250_000, room: 400_000).SecondsLeft);
        Assert.Null(Scan(child: 9, anonymous: 300_000, room: 100, isThrottled: true).SecondsLeft);
        Assert.Null(Scan(child: 9, anonymous: 300_000).SecondsLeft);
        Assert.Null(Scan(child: 0, anonymous: 350_000).SecondsLeft);
    }

    [Fact]
    public void A_save_whose_rest_fits_in_the_room_with_what_is_reclaimed_has_no_time_left()
    {
        Scan(child: 0, anonymous: 100_000);
        Assert.Equal(49, Scan(child: 9, anonymous: 200_000, room: 499_999).SecondsLeft);
        Assert.Null(Scan(child: 9, anonymous: 300_000, room: 400_000).SecondsLeft);
    }

    [Fact]
    public void Memory_that_the_process_maps_before_its_fork_was_not_copied()
    {
        Scan(child: 0, anonymous: 600_000);
        var grown = new ProcessMemory { Anonymous = 700_000 };

        var first = Scan(child: 9, anonymous: 700_000, room: 50_000, own: grown);
        Assert.Equal((700_000UL, 5L), (first.RemainingBytes, first.SecondsLeft));
        Assert.Equal((100_000UL, 100_000UL), (first.TakenBytes, first.LearnedPeakBytes!.Value));
        Assert.Equal(600_000UL, Scan(child: 9, anonymous: 800_000, own: grown).RemainingBytes);
    }

    [Fact]
    public void Memory_that_either_process_maps_or_gives_back_leaves_all_other_pages_to_be_copied()
    {
        Scan(child: 0, anonymous: 600_000);
        Scan(child: 9, anonymous: 600_000);
        var (less, more) = (Memory(500_000), Memory(650_000));

        Assert.Equal(600_000UL, Scan(child: 9, anonymous: 650_000, own: more, ofChild: Memory(600_000)).RemainingBytes);
        Assert.Equal(600_000UL, Scan(child: 9, anonymous: 650_000, own: Memory(600_000), ofChild: more).RemainingBytes);
        Assert.Equal(500_000UL, Scan(child: 9, anonymous: 600_000, own: less, ofChild: Memory(600_000)).RemainingBytes);
        Assert.Equal(500_000UL, Scan(child: 9, anonymous: 600_000, own: Memory(600_000), ofChild: less).RemainingBytes);
    }

    [Fact]
    public void Pinned_pages_that_the_fork_has_copied_are_no_part_of_those_that_are_left()
    {
        var pinned = Memory(600_000) with { Pinned = 200_000 };
        Scan(child: 0, anonymous: 600_000, own: pinned);

        var after = Scan(child: 9, anonymous: 800_000, own: pinned, ofChild: Memory(600_000));

        Assert.Equal(400_000UL, after.RemainingBytes);
    }

    [Theory]
    [InlineData(500_000, 100_000)]
    [InlineData(600_000, 0)]
    public void Memory_that_comes_back_from_swap_was_not_copied(ulong own, ulong swapped)
    {
        var before = Memory(500_000) with { Swapped = 100_000 };
        Scan(child: 0, anonymous: 500_000, own: before);
        Scan(child: 9, anonymous: 500_000, own: before);

        var now = Memory(own) with { Swapped = swapped };
        Assert.Equal(600_000UL, Scan(child: 9, anonymous: own, own: now, ofChild: before).RemainingBytes);
    }

    [Fact]
    public void A_first_save_may_still_copy_all_that_parent_and_child_have()
    {
        Assert.Equal(600_000UL, Scan(child: 9, anonymous: 700_000).RemainingBytes);
        Assert.Equal(550_000UL, Scan(child: 9, anonymous: 750_000).RemainingBytes);
    }

    [Fact]
    public void Where_the_child_cannot_be_read_the_whole_memory_may_be_copied()
    {
        Scan(child: 0, anonymous: 600_000);

        Assert.Equal(600_000UL, Scan(child: 9, anonymous: 700_000, canReadChild: false).RemainingBytes);
    }

    [Fact]
    public void Learns_nothing_without_memory_stat() => Assert.Null(Scan(child: 9, anonymous: null).LearnedPeakBytes);

    [Fact]
    public void Remembers_no_more_processes_than_it_may()
    {
        _tracker.BeginScan();
        for (var pid = 1; pid <= 5; pid++)
        {
            _tracker.Update(new SnapshotReading { Pid = pid }, DateTimeOffset.UnixEpoch);
        }

        _tracker.EndScan();

        Assert.Equal([true, true, false, false, false], Enumerable.Range(1, 5).Select(pid => _tracker.Knows(pid, 0)));
    }

    [Fact]
    public void Forgets_a_process_that_a_scan_does_not_find()
    {
        Scan(child: 9, anonymous: 1);
        Assert.True(_tracker.Knows(1, 7));
        Assert.False(_tracker.Knows(1, 8));
        _tracker.BeginScan();
        _tracker.EndScan();
        Assert.False(_tracker.Knows(1, 7));
    }

    [Fact]
    public void The_constraint_compares_the_learned_peak_with_the_room_and_what_is_taken()
    {
        var worst = new SnapshotReading
        {
            Cost = ForkCost.Of(new ProcessMemory { Anonymous = 1_000_000 }),
            Room = new MemoryRoom { Bytes = new ByteInterval(100, 900) },
        };
        Assert.Equal((worst.Cost.WorstCaseBytes, 900UL), (worst.ToConstraint().Used, worst.ToConstraint().Limit));
        Assert.True(worst.ToConstraint().IsBound);

        var learned = (worst with { LearnedPeakBytes = 500, ChildPid = 9, TakenBytes = 300 }).ToConstraint();

        Assert.Equal((500UL, 1_200UL, 41), (learned.Used, learned.Limit, learned.Percent));
        Assert.Equal((false, false), (learned.IsBound, learned.Refuses));

        // Another process of the container grew by more during a save than a save can take.
        var grown = (worst with { LearnedPeakBytes = 2_000_000 }).ToConstraint();
        Assert.Equal((worst.Cost.WorstCaseBytes, false), (grown.Used, grown.IsBound));
    }

    [Fact]
    public void A_running_save_is_certain_only_where_all_of_it_fits()
    {
        using CapturedCgroups captured = new();
        captured.AddUnified("/agent");
        captured.Write("saver/cgroup.procs", "");
        var running = new SnapshotReading
        {
            Cost = ForkCost.Of(new ProcessMemory { Anonymous = 1_000_000 }),
            Room = RoomOf(1_000_000),
            ChildPid = 9,
        };
        Assert.Equal(Confidence.Exact, running.ToConstraint().Confidence);
        Assert.Equal(Confidence.Estimate, (running with { CounterError = 1 }).ToConstraint().Confidence);

        // It may be another process of the container that took it.
        var taken = running with
        {
            TakenBytes = 400_000,
            SharedBytes = 600_000,
            Room = RoomOf(600_000),
        };

        Assert.True(taken.Survives);
        Assert.Equal(Confidence.Estimate, taken.ToConstraint().Confidence);

        MemoryRoom RoomOf(ulong bytes) =>
            new()
            {
                Bytes = new ByteInterval(bytes, bytes),
                Limiting = captured.Open().Locate("0::/saver\n"u8, CgroupController.Memory).Cgroup,
            };
    }

    private static (ulong Taken, ulong? Peak) Costs(SnapshotReading reading) =>
        (reading.TakenBytes, reading.LearnedPeakBytes);

    private static ProcessMemory Memory(ulong anonymous) => new() { Anonymous = anonymous };

    private SnapshotReading Scan(
        int child,
        ulong? anonymous,
        ulong room = 0,
        bool isThrottled = false,
        ProcessMemory? own = null,
        ProcessMemory? ofChild = null,
        bool canReadChild = true
    )
    {
        _second += 10;
        var memory = own ?? Memory(600_000);
        _tracker.BeginScan();
        var reading = _tracker.Update(
            new SnapshotReading
            {
                Pid = 1,
                StartTime = 7,
                ChildPid = child,
                Cost = ForkCost.Of(memory),
                Memory = memory,
                ChildMemory = child != 0 && canReadChild ? ofChild ?? memory : null,
                Room = new MemoryRoom
                {
                    Anonymous = anonymous,
                    Bytes = new ByteInterval(0, room),
                    IsThrottled = isThrottled,
                },
            },
            DateTimeOffset.UnixEpoch.AddSeconds(_second)
        );
        _tracker.EndScan();
        return reading;
    }
}
