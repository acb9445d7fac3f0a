using ForkGuard.Api;

namespace ForkGuard.Policy.Tests.Risk;

/// <summary>A process that starts at second 0, with a limit of 1000: a point is 10.</summary>
public class GrowthStateTests
{
    private readonly GrowthState _state = new();

    [Fact]
    public void Knows_nothing_of_a_process_that_has_just_started()
    {
        Feed(0, 105, _ => 400);

        Assert.Null(_state.Settled);
        Assert.Null(_state.Growing);
    }

    [Fact]
    public void Settles_once_usage_rose_by_at_most_a_point_in_two_minutes()
    {
        Feed(0, 60, second => 100 + (second * 5));
        Feed(75, 180, _ => 405);

        Assert.Equal(new SettledReport { Time = Given.At(180), Used = 405 }, _state.Settled);
        Assert.False(_state.Growing);
    }

    /// <summary>Memory that rises at start-up and stays at its level is no growth (U4).</summary>
    [Fact]
    public void Counts_no_rise_of_the_start_as_growth()
    {
        Feed(0, 90, second => second * 5);
        Feed(105, 7200, _ => 450);

        Assert.False(_state.Growing);
    }

    [Fact]
    public void Settles_at_the_latest_five_minutes_after_the_start()
    {
        Feed(0, 285, second => second);
        Assert.Null(_state.Growing);

        Feed(300, 300, second => second);
        Assert.Equal(300, _state.Settled?.Used);
        Assert.False(_state.Growing);

        Feed(315, 315, second => second);
        Assert.True(_state.Growing);
    }

    [Theory]
    [InlineData(410, false)]
    [InlineData(411, true)]
    public void Grows_once_usage_is_more_than_a_point_above_the_settled_one(long used, bool growing)
    {
        Feed(0, 120, _ => 400);
        Feed(135, 135, _ => used);

        Assert.Equal(growing, _state.Growing);
    }

    [Fact]
    public void Counts_no_swing_that_was_there_when_the_process_settled_as_growth()
    {
        Feed(0, 4500, second => second % 45 == 15 ? 405 : 300);
        Assert.Equal(405, _state.Settled?.Used);

        Feed(4500, 7200, second => second % 45 == 15 ? 412 : 300);
        Assert.False(_state.Growing);
    }

    [Fact]
    public void Grows_by_a_rise_within_the_last_hour_that_stays_below_the_settled_usage()
    {
        Feed(0, 120, _ => 800);
        Feed(135, 4000, _ => 500);
        Assert.False(_state.Growing);

        Feed(4005, 4005, _ => 520);
        Assert.True(_state.Growing);

        Feed(4020, 8500, _ => 520);
        Assert.False(_state.Growing);
    }

    [Fact]
    public void Does_not_know_for_an_hour_whether_an_older_process_grows()
    {
        Feed(10_000, 13_585, _ => 700);
        Assert.Null(_state.Growing);
        Assert.Equal(700, _state.Settled?.Used);

        Feed(13_600, 13_600, _ => 700);
        Assert.False(_state.Growing);
    }

    [Fact]
    public void Sees_an_older_process_grow_at_once()
    {
        Feed(10_000, 10_015, _ => 700);
        Feed(10_030, 10_030, _ => 711);

        Assert.True(_state.Growing);
    }

    [Fact]
    public void Continues_from_what_an_earlier_report_has()
    {
        var settled = new SettledReport { Time = Given.At(120), Used = 400 };
        var state = new GrowthState(settled);

        state.Add(Given.At(10_000), 405, 1000, TimeSpan.FromSeconds(10_000));
        Assert.False(state.Growing);

        state.Add(Given.At(10_015), 420, 1000, TimeSpan.FromSeconds(10_015));
        Assert.True(state.Growing);
        Assert.Equal(settled, state.Settled);
    }

    [Fact]
    public void Ignores_a_sample_that_is_not_later_than_the_newest()
    {
        Feed(0, 120, _ => 400);
        Feed(120, 120, _ => 900);
        Feed(60, 60, _ => 900);

        Assert.False(_state.Growing);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Knows_no_growth_without_a_limit(long limit)
    {
        Feed(0, 120, _ => 400);

        _state.Add(Given.At(135), 500, limit, TimeSpan.FromSeconds(135));

        Assert.Null(_state.Growing);
    }

    private void Feed(int from, int to, Func<int, long> used)
    {
        for (var second = from; second <= to; second += 15)
        {
            _state.Add(Given.At(second), used(second), 1000, TimeSpan.FromSeconds(second));
        }
    }
}
