using ForkGuard.Kernel.KernelLog;
using ForkGuard.Node.Refusals;

namespace ForkGuard.Node.Tests.Refusals;

public class RefusalTallyTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly RefusalTally _tally = new();

    [Fact]
    public void Counts_the_refusals_of_a_command_together()
    {
        _tally.Add([Of("ld", 1), Of("sh", 2), Of("ld", 3)], Start);

        var due = _tally.TakeDue(Start);

        Assert.Equal([("ld", 2, 3), ("sh", 1, 2)], due.Select(count => (count.Name, count.Count, count.LastPid)));
        Assert.All(due, count => Assert.Equal(Start, count.Since));
    }

    [Fact]
    public void A_command_is_due_once_in_ten_minutes_and_nothing_is_lost()
    {
        _tally.Add([Of("ld", 1)], Start);
        _tally.TakeDue(Start);
        _tally.Add([Of("ld", 2)], Start + TimeSpan.FromMinutes(1));
        _tally.Add([Of("ld", 3)], Start + TimeSpan.FromMinutes(9));

        Assert.Empty(_tally.TakeDue(Start + TimeSpan.FromMinutes(9)));
        var later = Assert.Single(_tally.TakeDue(Start + TimeSpan.FromMinutes(10)));
        Assert.Equal((2, Start + TimeSpan.FromMinutes(1)), (later.Count, later.Since));
        Assert.Empty(_tally.TakeDue(Start + TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_flood_of_names_is_bounded_and_makes_room_again()
    {
        _tally.Add(Enumerable.Range(0, 1000).Select(i => Of($"c{i}", i)), Start);
        Assert.Equal(256, _tally.TakeDue(Start).Count);

        _tally.Add([Of("late", 1)], Start + TimeSpan.FromMinutes(10));

        Assert.Equal("late", Assert.Single(_tally.TakeDue(Start + TimeSpan.FromMinutes(10))).Name);
    }

    private static KernelRefusal Of(string command, int pid) =>
        new(KernelRefusalKind.Memory, TimeSpan.Zero) { Command = command, Pid = pid };
}
