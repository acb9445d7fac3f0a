using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

public sealed class RestartNameTests
{
    [Fact]
    public void A_name_shows_kind_and_name_and_does_not_depend_on_the_version_of_the_group()
    {
        var name = RestartNames.Of(GivenRestart.Owner);

        Assert.StartsWith("deployment-redis-", name, StringComparison.Ordinal);
        Assert.Equal(name, RestartNames.Of(GivenRestart.Owner with { ApiVersion = "apps/v2" }), StringComparer.Ordinal);
        Assert.NotEqual(
            name,
            RestartNames.Of(GivenRestart.Owner with { ApiVersion = "other/v1" }),
            StringComparer.Ordinal
        );
        Assert.NotEqual(
            name,
            RestartNames.Of(GivenRestart.Owner with { Kind = "StatefulSet" }),
            StringComparer.Ordinal
        );
    }

    [Theory]
    [InlineData("a.b-c")]
    [InlineData("-")]
    public void A_name_is_valid_for_any_owner(string name) => AssertValid(GivenRestart.Owner with { Name = name });

    [Fact]
    public void A_name_of_the_longest_owner_fits()
    {
        var owner = new RestartOwner
        {
            ApiVersion = $"{new string('g', 253)}/v1",
            Kind = new string('K', 63),
            Name = new string('n', 253),
        };

        AssertValid(owner);
        Assert.NotEqual(
            RestartNames.Of(owner),
            RestartNames.Of(owner with { Name = owner.Name[..252] }),
            StringComparer.Ordinal
        );
    }

    [Fact]
    public void A_record_belongs_to_the_owner_that_it_names()
    {
        var record = new ForkRestart { Spec = new ForkRestartSpec { Owner = GivenRestart.Owner } };

        Assert.True(RestartNames.IsOf(record, GivenRestart.Owner with { ApiVersion = "apps/v2" }));
        Assert.False(RestartNames.IsOf(record, GivenRestart.Owner with { Name = "other" }));
    }

    private static void AssertValid(RestartOwner owner)
    {
        var name = RestartNames.Of(owner);
        Assert.InRange(name.Length, 1, 253);
        Assert.All(
            name,
            letter => Assert.True(char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
        );
        Assert.True(char.IsAsciiLetterLower(name[0]) && name[^1] != '-', name);
    }
}
