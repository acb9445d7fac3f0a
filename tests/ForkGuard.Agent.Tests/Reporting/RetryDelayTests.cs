using ForkGuard.Agent.Reporting;

namespace ForkGuard.Agent.Tests.Reporting;

public sealed class RetryDelayTests
{
    private readonly RetryDelay _delay = new(() => 0.5);

    [Fact]
    public void It_doubles_from_a_second_to_a_minute() =>
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], Enumerable.Range(0, 8).Select(_ => Next(null)));

    [Fact]
    public void After_a_success_it_begins_anew()
    {
        Next(null);
        Next(null);
        _delay.Succeeded();
        Assert.Equal(1, Next(null));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(30, 30)]
    [InlineData(299, 299)]
    [InlineData(100_000, 300)]
    public void What_the_server_asks_for_is_kept_up_to_five_minutes(int asked, int expected) =>
        Assert.Equal(expected, Next(asked));

    [Fact]
    public void Many_agents_do_not_come_back_at_one_time()
    {
        Assert.Equal(0.75, new RetryDelay(() => 0).Next(null).TotalSeconds);
        Assert.Equal(1.25, new RetryDelay(() => 1).Next(null).TotalSeconds);
    }

    private double Next(int? asked) =>
        _delay.Next(asked is { } seconds ? TimeSpan.FromSeconds(seconds) : null).TotalSeconds;
}
