namespace ForkGuard.Policy.Tests.Risk;

public class RecentMemoriesTests
{
    private readonly RecentMemories<int> _recent = new();
    private readonly Timeline _timeline = new(Given.AtOnce);

    [Fact]
    public void Keeps_what_holds_back_an_event_until_it_does_not()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        _recent.Keep(1, _timeline.Memory!, Given.At(599));
        _recent.Keep(2, _timeline.Memory!, Given.At(600));

        Assert.Null(_recent.Take(1));
        Assert.Null(_recent.Take(2));
    }

    [Fact]
    public void A_target_that_comes_back_takes_its_memory_with_it()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        _recent.Keep(1, _timeline.Memory!, Given.At(15));

        var taken = _recent.Take(1);
        Assert.Equal(Given.At(0), taken?.AtRisk?.Time);
        Assert.False(taken?.IsAnnounced);
        Assert.Null(_recent.Take(1));
    }

    [Fact]
    public void Keeps_nothing_of_a_target_without_an_event()
    {
        _timeline.Evaluate(0, Given.Exactly(40));
        _recent.Keep(1, _timeline.Memory!, Given.At(15));
        Assert.Null(_recent.Take(1));
    }

    [Fact]
    public void Names_that_change_all_the_time_fill_no_memory()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        for (var target = 0; target <= RecentMemories<int>.Capacity; target++)
        {
            _recent.Keep(target, _timeline.Memory!, Given.At(15));
        }

        Assert.NotNull(_recent.Take(0));
        Assert.Null(_recent.Take(RecentMemories<int>.Capacity));
    }
}
