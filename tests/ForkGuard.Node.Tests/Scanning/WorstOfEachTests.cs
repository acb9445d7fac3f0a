using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Node.Tests.Scanning;

public sealed class WorstOfEachTests
{
    private static readonly ReportSettings Settings = new(10, 65, TimeSpan.FromSeconds(15));

    private readonly Dictionary<int, CgroupMembership> _memberships = [];
    private readonly Dictionary<int, ProcessReading> _anew = [];
    private readonly List<int> _asked = [];
    private readonly List<int> _remeasured = [];

    [Fact]
    public void Of_each_container_and_command_the_worst_is_chosen()
    {
        InContainer(1, "a");
        InContainer(2, "a");
        InContainer(3, "b");
        InContainer(4, "a");
        var worst = Choose(
            Reading(1, "redis", 20),
            Reading(2, "redis", 30),
            Reading(3, "redis", 25),
            Reading(4, "sh", 11)
        );
        Assert.Equal([2, 3, 4], worst);
    }

    [Fact]
    public void A_fork_child_stands_for_its_group_only_where_its_parent_is_not_in_it()
    {
        InContainer(1, "a");
        InContainer(2, "a");
        InContainer(3, "b");
        var worst = Choose(
            Reading(1, "redis", 30),
            Reading(2, "redis", 31) with
            {
                IsForkChild = true,
            },
            Reading(3, "redis", 25) with
            {
                IsForkChild = true,
            }
        );
        Assert.Equal([1, 3], worst);
    }

    [Fact]
    public void Of_each_unit_and_command_the_worst_is_chosen()
    {
        InUnit(1, "a.service");
        InUnit(2, "a.service");
        InUnit(3, "b.service");
        Assert.Equal([2, 3], Choose(Reading(1, "php-fpm", 20), Reading(2, "php-fpm", 30), Reading(3, "php-fpm", 20)));
    }

    [Fact]
    public void A_report_has_room_for_64_and_says_that_there_are_more()
    {
        var readings = Enumerable.Range(1, 70).Select(i => Reading(i, $"c{i}", 10 + i)).ToArray();
        var (worst, truncated) = ChooseAll(Settings with { HotAtPercent = null }, readings);
        Assert.Equal(Enumerable.Range(7, 64).Reverse(), worst.Select(p => p.Reading.Pid));
        Assert.True(truncated);
    }

    [Fact]
    public void Sixty_four_are_not_truncated_by_more_processes_of_the_same()
    {
        var readings = Enumerable
            .Range(1, 64)
            .Select(i => Reading(i, $"c{i}", 20))
            .Append(Reading(65, "c1", 11))
            .ToArray();
        var (worst, truncated) = ChooseAll(Settings, readings);
        Assert.Equal((64, false), (worst.Count, truncated));
    }

    /// <summary>On a node of thousands that all share the limit, each one would cost a read.</summary>
    [Fact]
    public void No_more_are_looked_at_than_there_is_room_for()
    {
        ChooseAll(Settings, [.. Enumerable.Range(1, 1000).Select(i => Reading(i, $"c{i}", 50))]);
        Assert.Equal(65, _asked.Count);
    }

    [Fact]
    public void A_kept_answer_of_a_hot_process_is_measured_anew()
    {
        _anew[1] = Reading(1, "redis", 67);
        var (worst, _) = ChooseAll(Settings, Reading(1, "redis", 66, isKept: true));
        Assert.Equal(67, Assert.Single(worst).Percent);
        Assert.False(worst[0].Reading.IsKept);
    }

    [Fact]
    public void A_kept_answer_keeps_a_process_quiet_below_that()
    {
        Assert.Equal([1], Choose(Reading(1, "redis", 64, isKept: true)));
        Assert.Empty(_remeasured);
    }

    [Fact]
    public void Who_is_not_hot_any_more_makes_room_for_the_next_of_its_kind()
    {
        _anew[1] = Reading(1, "redis", 12);
        Assert.Equal([2], Choose(Reading(1, "redis", 90, isKept: true), Reading(2, "redis", 70)));
    }

    [Fact]
    public void Who_ended_meanwhile_is_not_reported()
    {
        _anew[1] = new ProcessReading
        {
            Pid = 1,
            Command = "",
            Status = ReadStatus.Gone,
        };
        Assert.Empty(Choose(Reading(1, "redis", 90, isKept: true)));
    }

    [Fact]
    public void Another_process_with_the_pid_is_not_reported_in_its_place()
    {
        _anew[1] = Reading(1, "redis", 90) with { StartTime = 99 };
        Assert.Empty(Choose(Reading(1, "redis", 90, isKept: true)));
    }

    private void InContainer(int pid, string id) =>
        _memberships[pid] = new CgroupMembership(true, null, new PodCgroup("pod", id));

    private void InUnit(int pid, string unit) => _memberships[pid] = new CgroupMembership(false, unit);

    private IEnumerable<int> Choose(params ProcessReading[] loud) =>
        ChooseAll(Settings, loud).Worst.Select(p => p.Reading.Pid);

    private (List<ReportedProcess> Worst, bool Truncated) ChooseAll(
        ReportSettings settings,
        params ProcessReading[] loud
    ) =>
        new WorstOfEach(
            pid =>
            {
                _asked.Add(pid);
                return _memberships.GetValueOrDefault(pid);
            },
            pid =>
            {
                _remeasured.Add(pid);
                return _anew[pid];
            }
        ).Choose([.. loud], settings);

    private static ProcessReading Reading(int pid, string command, int percent, bool isKept = false) =>
        new()
        {
            Pid = pid,
            StartTime = 1,
            Command = command,
            IsKept = isKept,
            Assessment = new Assessment
            {
                Verdict = ForkVerdict.CanFork,
                Constraint = ForkConstraint.LargestMapping,
                Used = (ulong)percent,
                Limit = 100,
            },
        };
}
