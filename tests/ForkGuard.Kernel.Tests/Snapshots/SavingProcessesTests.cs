using ForkGuard.Kernel.Snapshots;

namespace ForkGuard.Kernel.Tests.Snapshots;

public sealed class SavingProcessesTests
{
    private const ulong TicksPerHour = 360_000;

    private static readonly ListedProcess Server = new(Pid: 10, StartTime: 1, Parent: 1, StartStack: 77);
    private static readonly ListedProcess Child = new(Pid: 20, StartTime: 2, Parent: 10, StartStack: 77);

    private readonly List<(int, int)> _compared = [];
    private AddressSpaceComparison _answer = AddressSpaceComparison.Different;

    [Fact]
    public void A_child_with_the_stack_of_its_parent_in_a_copy_of_its_memory_saves() =>
        Assert.Equal([new SavingProcess(Server, Child)], Find(Saving(), [Server, Child]));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(77, 78)]
    public void A_child_that_runs_another_program_or_an_unknown_one_does_not(ulong parent, ulong child)
    {
        Assert.Empty(Find(Saving(), [Server with { StartStack = parent }, Child with { StartStack = child }]));
        Assert.Empty(_compared);
    }

    [Fact]
    public void Several_children_are_workers() =>
        Assert.Empty(Find(Saving(), [Server, Child, Child with { Pid = 21 }, Child with { Pid = 22 }]));

    [Fact]
    public void A_child_older_than_an_hour_is_a_worker()
    {
        var uptime = TimeSpan.FromHours(2);
        Assert.Empty(Find(Saving(), [Server, Child with { StartTime = TicksPerHour - 100 }], uptime));
        Assert.Single(Find(Saving(), [Server, Child with { StartTime = TicksPerHour + 100 }], uptime));
    }

    /// <summary>A child that was forked for another program has that of its parent until the exec.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(99, 0)]
    [InlineData(100, 1)]
    public void A_child_counts_from_one_second_of_age_on(ulong ageTicks, int saves)
    {
        var uptime = TimeSpan.FromMinutes(10);
        var child = Child with { StartTime = 60_000 - ageTicks };
        Assert.Equal(saves, Find(Saving(), [Server, child], uptime).Count);
    }

    /// <summary>What it copies in the first second counts, or all that follows is measured from a false start.</summary>
    [Fact]
    public void A_younger_child_of_a_process_that_has_saved_counts()
    {
        var saving = new SavingProcesses(
            (_, _) => _answer,
            (pid, start) => (pid, start) == (Server.Pid, Server.StartTime)
        );
        Assert.Single(Find(saving, [Server, Child with { StartTime = 59_990 }], TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void A_child_that_started_after_the_uptime_was_read_does_not_count() =>
        Assert.Empty(Find(Saving(), [Server, Child with { StartTime = 60_001 }], TimeSpan.FromMinutes(10)));

    /// <summary>A server forks its workers one after another.</summary>
    [Fact]
    public void A_young_child_beside_an_older_one_makes_both_workers() =>
        Assert.Empty(
            Find(Saving(), [Server, Child, Child with { Pid = 21, StartTime = 5_990 }], TimeSpan.FromMinutes(1))
        );

    [Fact]
    public void A_copy_is_compared_once_and_anything_else_again()
    {
        var saving = Saving();
        _answer = AddressSpaceComparison.Same;
        Assert.Empty(Find(saving, [Server, Child]));
        _answer = AddressSpaceComparison.Unknown;
        Assert.Empty(Find(saving, [Server, Child]));
        _answer = AddressSpaceComparison.Different;
        Assert.Single(Find(saving, [Server, Child]));
        Assert.Single(Find(saving, [Server, Child]));
        Assert.Equal([(10, 20), (10, 20), (10, 20)], _compared);
    }

    [Fact]
    public void A_new_process_with_the_pid_of_an_ended_one_is_compared()
    {
        var saving = Saving();
        Assert.Single(Find(saving, [Server, Child]));
        _answer = AddressSpaceComparison.Same;
        Assert.Empty(Find(saving, [Server, Child with { StartTime = 3 }]));
    }

    private SavingProcesses Saving() =>
        new(
            (pid, other) =>
            {
                _compared.Add((pid, other));
                return _answer;
            }
        );

    private static List<SavingProcess> Find(SavingProcesses saving, ListedProcess[] processes, TimeSpan? uptime = null)
    {
        var found = new List<SavingProcess>();
        saving.Find(processes, uptime ?? TimeSpan.FromMinutes(1), found);
        return found;
    }
}
