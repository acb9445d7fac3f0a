using ForkGuard.Agent.Reporting;
using ForkGuard.Api;
using ForkGuard.Node.Scanning;
using ForkGuard.Node.Tests.Scanning;

namespace ForkGuard.Agent.Tests.Reporting;

public sealed class StatusConditionsTests
{
    private static readonly Degradation AppArmor = new("AppArmor", "smaps may not be read");
    private readonly StatusConditions _conditions = new();

    [Fact]
    public void A_condition_keeps_the_time_it_became_so()
    {
        _conditions.Of(null, Scans.Start);
        var later = Of(_conditions.Of(null, Scans.Start.AddMinutes(5)), "Degraded");
        Assert.Equal(("False", Scans.Start), (later.Status, later.LastTransitionTime));
    }

    [Fact]
    public void A_transition_has_its_own_time()
    {
        _conditions.Of(null, Scans.Start);
        var later = Of(_conditions.Of(AppArmor, Scans.Start.AddMinutes(5)), "Degraded");
        Assert.Equal(
            ("True", "AppArmor", Scans.Start.AddMinutes(5)),
            (later.Status, later.Reason, later.LastTransitionTime)
        );
    }

    [Fact]
    public void An_agent_that_was_restarted_goes_on_where_it_was()
    {
        var earlier = new StatusConditions().Of(AppArmor, Scans.Start);
        _conditions.Of(AppArmor, Scans.Start.AddHours(1));
        _conditions.Continue(earlier);
        Assert.Equal(Scans.Start, Of(_conditions.Of(AppArmor, Scans.Start.AddHours(2)), "Degraded").LastTransitionTime);
    }

    [Fact]
    public void What_was_otherwise_before_is_a_transition()
    {
        var earlier = new StatusConditions().Of(null, Scans.Start);
        _conditions.Of(AppArmor, Scans.Start.AddHours(1));
        _conditions.Continue(earlier);
        Assert.Equal(
            Scans.Start.AddHours(1),
            Of(_conditions.Of(AppArmor, Scans.Start.AddHours(2)), "Degraded").LastTransitionTime
        );
    }

    private static Condition Of(IEnumerable<Condition> conditions, string type) =>
        Assert.Single(conditions, c => c.Type == type);
}
