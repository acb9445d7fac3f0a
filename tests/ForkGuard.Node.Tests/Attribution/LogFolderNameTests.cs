using ForkGuard.Api;
using ForkGuard.Node.Attribution;

namespace ForkGuard.Node.Tests.Attribution;

public sealed class LogFolderNameTests
{
    [Theory]
    [InlineData(
        "shop_redis-0_8dbc5577-d0e2-4706-8787-57d52c03ddf2",
        "shop",
        "redis-0",
        "8dbc5577-d0e2-4706-8787-57d52c03ddf2"
    )]
    [InlineData(
        "kube-system_etcd-node.example.org_9d0d3ddcd4ff5ab3ad4b9d1a5dcbaa2e",
        "kube-system",
        "etcd-node.example.org",
        "9d0d3ddcd4ff5ab3ad4b9d1a5dcbaa2e"
    )]
    public void A_folder_names_namespace_pod_and_uid(string folder, string ns, string name, string uid)
    {
        Assert.True(LogFolderName.TryParsePod(folder, out var pod));
        Assert.Equal(
            new PodReference
            {
                Namespace = ns,
                Name = name,
                Uid = uid,
            },
            pod
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("shop_redis-0")]
    [InlineData("shop__8dbc5577")]
    [InlineData("shop_redis-0_")]
    [InlineData("shop_redis_0_8dbc5577")]
    [InlineData("Shop_redis-0_8dbc5577")]
    [InlineData("shop_re\u001b[31mdis_8dbc5577")]
    public void Another_folder_names_no_pod(string folder) => Assert.False(LogFolderName.TryParsePod(folder, out _));

    [Fact]
    public void A_link_names_container_and_id()
    {
        Assert.True(
            LogFolderName.TryParseContainer("redis-0_shop_redis-server-42ef33f2fbe2.log", out var id, out var container)
        );
        Assert.Equal(("42ef33f2fbe2", "redis-server"), (id, container));
    }

    [Theory]
    [InlineData("")]
    [InlineData("redis-0_shop_redis-42ef33f2fbe2")]
    [InlineData("redis-0_shop_42ef33f2fbe2.log")]
    [InlineData("redis-0_shop_redis-.log")]
    [InlineData("redis-0_shop_-42ef33f2fbe2.log")]
    [InlineData("shop_redis-42ef33f2fbe2.log")]
    public void Another_link_names_no_container(string link) =>
        Assert.False(LogFolderName.TryParseContainer(link, out _, out _));
}
