using ForkGuard.Api.Constraints;

namespace ForkGuard.Api.Tests;

public class ConstraintTraitsTests
{
    [Fact]
    public void Every_type_has_a_property() =>
        Assert.DoesNotContain(Enum.GetValues<ConstraintType>(), type => ConstraintTraits.Of(type) == default);

    [Fact]
    public void A_type_of_a_later_version_has_no_property() => Assert.Equal(default, ConstraintTraits.Of(type: null));

    [Fact]
    public void An_overcommit_mode_has_one_constraint_of_accounting() =>
        Assert.Equal(
            [0, 2],
            Enum.GetValues<ConstraintType>().Select(type => ConstraintTraits.Of(type).OvercommitMode).OfType<int>()
        );
}
