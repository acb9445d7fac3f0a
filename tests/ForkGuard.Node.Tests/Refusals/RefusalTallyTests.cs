using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.KernelLog;
using ForkGuard.Node.Refusals;
using ForkGuard.Node.Tests.Scanning;

namespace ForkGuard.Node.Tests.Refusals;

public class RefusalTallyTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly RefusalTally _tally = new();

    [Fact]
    public void Counts_the_refusals_of_a_command_together()
    {
        _tally.Add([Of("ld", 1), Of("sh", 2)], Start);
        _tally.Add([Of("ld", 3)], Start + TimeSpan.FromMinutes(1));

        Assert.Equal(
            [("ld", 2L, 3), ("sh", 1L, 2)],
            _tally.Counts.Select(count => (count.Name, count.Count, count.LastPid!.Value))
        );
        Assert.All(_tally.Counts, count => Assert.Equal(Start, count.Since));
    }

    [Fact]
    public void Forgets_a_command_an_hour_after_its_last_refusal()
    {
        _tally.Add([Of("ld", 1)], Start);
        _tally.Add([Of("ld", 1)], Start + TimeSpan.FromMinutes(59));
        _tally.Add([], Start + TimeSpan.FromMinutes(118));
        Assert.Equal(2, Assert.Single(_tally.Counts).Count);

        _tally.Add([Of("ld", 2)], Start + TimeSpan.FromMinutes(119));

        Assert.Equal(1, Assert.Single(_tally.Counts).Count);
    }

    [Fact]
    public void Long_paths_of_two_cgroups_are_two_names_in_a_report()
    {
        var prefix = "/docker/" + new string('x', 300);
        RefusalReport[] counts =
        [
            new() { Kind = RefusalKind.Pids, Name = prefix + "/a" },
            new() { Kind = RefusalKind.Pids, Name = prefix + "/b" },
        ];
        var reported = (Scans.Of() with { Refusals = counts }).ToStatus([]).Refusals!;
        Assert.All(reported, refusal => Assert.Equal(BoundedPath.MaxLength, refusal.Name.Length));
        Assert.NotEqual(reported[0].Name, reported[1].Name, StringComparer.Ordinal);
    }

    [Fact]
    public void A_flood_of_names_is_bounded_and_makes_room_again()
    {
        _tally.Add(Enumerable.Range(0, 1000).Select(i => Of($"c{i}", i + 1)), Start);
        Assert.Equal(256, _tally.Counts.Count);

        _tally.Add([Of("late", 1)], Start + TimeSpan.FromHours(1));

        Assert.Equal("late", Assert.Single(_tally.Counts).Name);
    }

    [Fact]
    public void A_later_name_takes_the_place_of_the_one_whose_last_refusal_is_the_oldest()
    {
        _tally.Add([Of("early", 1), Of("busy", 2)], Start);
        _tally.Add(Enumerable.Range(0, 254).Select(i => Of($"c{i}", i + 3)), Start);
        _tally.Add([Of("busy", 2)], Start + TimeSpan.FromMinutes(1));

        _tally.Add([Of("late", 1000)], Start + TimeSpan.FromMinutes(2));

        Assert.Equal(256, _tally.Counts.Count);
        Assert.Equal([("late", 1L), ("busy", 2L)], _tally.Counts.Take(2).Select(count => (count.Name, count.Count)));
        Assert.DoesNotContain(_tally.Counts, count => count.Name == "early");
    }

    [Fact]
    public void A_flood_in_one_read_leaves_the_names_that_were_logged_last()
    {
        _tally.Add(Enumerable.Range(0, 1000).Select(i => Of($"c{i}", i + 1)), Start);

        Assert.Equal(Enumerable.Range(744, 256), _tally.Counts.Select(count => count.LastPid!.Value - 1).Order());
    }

    private static KernelRefusal Of(string command, int pid) =>
        new(RefusalKind.Memory, TimeSpan.Zero) { Command = command, Pid = pid };
}
