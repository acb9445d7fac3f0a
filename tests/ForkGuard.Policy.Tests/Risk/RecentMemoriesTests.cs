namespace ForkGuard.Policy.Tests.Risk;

public class RecentMemoriesTests
{
    private readonly RecentMemories<int> _recent = new();
    private readonly Timeline _timeline = new(Given.AtOnce);

    [Theory]
    [InlineData(599, true)]
    [InlineData(600, false)]
    public void Keeps_what_holds_back_an_event_until_it_does_not(int second, bool isKept)
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        _recent.Keep(1, _timeline.Memory!, Given.At(15));
        _recent.Keep(2, _timeline.Memory!, Given.At(second));

        Assert.Equal(isKept, _recent.Find(1, Given.At(second)) is not null);
        Assert.Equal(isKept, _recent.Find(2, Given.At(second)) is not null);
    }

    [Fact]
    public void Keeps_an_inherited_risk_however_old_its_last_event_is()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        _recent.Inherit(1, _timeline.Memory!, Given.At(3600));
        _timeline.Evaluate(15, Given.Exactly(40));
        _recent.Inherit(2, _timeline.Memory!, Given.At(3600));

        Assert.Equal(RiskLevel.AtRisk, _recent.Find(1, Given.At(7200))?.Announced);
        Assert.Null(_recent.Find(2, Given.At(3600)));
    }

    [Fact]
    public void A_risk_that_no_recovery_ended_recovers_once_the_target_is_back()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        _recent.Keep(1, _timeline.Memory!, Given.At(15));

        var back = new Timeline(Given.AtOnce, _recent.Find(1, Given.At(60)));
        Assert.Null(back.Evaluate(60, Given.Exactly(82)).Announcement);
        Assert.Equal(RiskAnnouncementType.ForkRecovered, back.Evaluate(75, Given.Exactly(10)).Type);
    }

    [Fact]
    public void Holds_start_again()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 135, Given.Exactly(82));
        _recent.Keep(1, timeline.Memory!, Given.At(150));

        var kept = _recent.Find(1, Given.At(150));
        Assert.Null(kept?.WarnSince);
        Assert.NotNull(kept);
    }

    [Fact]
    public void A_clock_that_was_set_back_shows_nothing_about_the_age_of_a_memory()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        _recent.Keep(1, _timeline.Memory!, Given.At(15));
        Assert.Null(_recent.Find(1, Given.At(-1)));
    }

    [Fact]
    public void Keeps_nothing_that_was_removed()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        _recent.Keep(1, _timeline.Memory!, Given.At(15));
        _recent.Remove(1);
        Assert.Null(_recent.Find(1, Given.At(30)));
    }

    [Fact]
    public void Keeps_nothing_of_a_target_without_an_event()
    {
        _timeline.Evaluate(0, Given.Exactly(40));
        _recent.Keep(1, _timeline.Memory!, Given.At(15));
        Assert.Null(_recent.Find(1, Given.At(30)));
    }

    [Fact]
    public void Names_that_change_all_the_time_fill_no_memory()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        for (var target = 0; target <= RecentMemories<int>.Capacity; target++)
        {
            _recent.Keep(target, _timeline.Memory!, Given.At(15));
        }

        Assert.NotNull(_recent.Find(0, Given.At(30)));
        Assert.Null(_recent.Find(RecentMemories<int>.Capacity, Given.At(30)));
    }
}
