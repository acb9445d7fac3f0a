using ForkGuard.Api.Validation;

namespace ForkGuard.Api.Tests;

/// <summary>The name that was probably meant.</summary>
public class NearestNameTests
{
    private static readonly string[] Known = ["check", "explain", "top", "watch"];

    [Theory]
    [InlineData("chekc", "check")]
    [InlineData("chck", "check")]
    [InlineData("WATCH", "watch")]
    [InlineData("explian", "explain")]
    [InlineData("tpo", "top")]
    [InlineData("redis", null)]
    [InlineData("ckhce", null)]
    public void Is_a_few_letters_or_a_swap_of_neighbours_away(string given, string? expected) =>
        Assert.Equal(expected, NearestName.Of(given, Known));

    [Fact]
    public void Of_no_names_none_is_near() => Assert.Null(NearestName.Of("check", []));
}
