using ForkGuard.Policy.Matching;

namespace ForkGuard.Policy.Tests.Matching;

public class CommandNameTests
{
    [Theory]
    [InlineData("redis-server", "redis-server", true)]
    [InlineData("redis", "redis-server", false)]
    [InlineData("redis-server", "redis", false)]
    [InlineData("Redis-server", "redis-server", false)]
    [InlineData("fifteen-letters", "fifteen-letters", true)]
    [InlineData("sixteen-letters-", "sixteen-letters", true)]
    [InlineData("prometheus-process-exporter", "prometheus-proc", true)]
    [InlineData("prometheus-process-exporter", "prometheus-pro", false)]
    [InlineData("prometheus-pro", "prometheus-proc", false)]
    [InlineData("größenberechner", "größenberechn", true)]
    [InlineData("größenberechner", "größenberechner", false)]
    [InlineData("", "redis", false)]
    public void A_name_is_compared_by_the_fifteen_bytes_that_the_kernel_keeps(
        string wanted,
        string command,
        bool isSame
    ) => Assert.Equal(isSame, CommandName.IsSame(wanted, command));

    [Fact]
    public void One_of_the_names_is_enough_and_none_means_all()
    {
        Assert.True(CommandName.IsOneOf(["php-fpm", "redis-server"], "redis-server"));
        Assert.False(CommandName.IsOneOf(["php-fpm", "redis-server"], "node"));
        Assert.True(CommandName.IsOneOf([], "node"));
        Assert.True(CommandName.IsOneOf(wanted: null, "node"));
    }
}
