using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Tests.Risk;

public class LoggedRefusalEmissionTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly LoggedRefusalEmission _emission = new();
    private DateTimeOffset _since = Start;

    [Fact]
    public void A_command_is_due_at_once_and_then_at_most_every_ten_minutes()
    {
        Assert.Equal(1, Assert.Single(Take(0, 1)).Count);
        Assert.Empty(Take(9, 3));

        var later = Assert.Single(Take(10, 4));

        Assert.Equal((3, Start), (later.Count, later.Since));
        Assert.Empty(Take(60, 4));
    }

    [Fact]
    public void A_name_that_was_evicted_and_started_again_is_due_ten_minutes_after_its_last_event()
    {
        Take(0, 5);
        Assert.Empty(Take(1));
        Assert.Empty(Take(2, 1));
        Assert.Empty(Take(3, 2));

        var later = Assert.Single(Take(10, 3));

        Assert.Equal((3, Start), (later.Count, later.Since));
    }

    [Fact]
    public void A_command_that_others_pushed_out_of_the_report_for_a_while_is_not_due_again()
    {
        Take(0, 5);
        Assert.Empty(Take(1));
        Assert.Empty(Take(2, 6));

        var later = Assert.Single(Take(10, 7));

        Assert.Equal((2, Start), (later.Count, later.Since));
    }

    [Fact]
    public void A_command_that_was_missing_for_ten_minutes_is_forgotten()
    {
        Take(0, 5);
        Assert.Empty(Take(10));

        Assert.Equal(6, Assert.Single(Take(11, 6)).Count);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void All_that_an_agent_counts_after_it_started_again_is_due_ten_minutes_after_the_last_event(long count)
    {
        Take(0, 3);
        _since = Start + TimeSpan.FromMinutes(5);
        Assert.Empty(Take(8, count));

        var later = Assert.Single(Take(10, count));

        Assert.Equal((count, Start), (later.Count, later.Since));
        Assert.Empty(Take(30, count));
    }

    private IReadOnlyList<RefusalReport> Take(int minute, params long[] counts) =>
        _emission.TakeDue(
            [
                .. counts.Select(count => new RefusalReport
                {
                    Kind = RefusalKind.Memory,
                    Name = "ld",
                    Count = count,
                    Since = _since,
                }),
            ],
            Start + TimeSpan.FromMinutes(minute)
        );
}
