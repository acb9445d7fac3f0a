using ForkGuard.Api;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Node.Attribution;

namespace ForkGuard.Node.Tests.Attribution;

public sealed class PodNamesTests : IDisposable
{
    private const string Uid = "8dbc5577-d0e2-4706-8787-57d52c03ddf2";
    private const string OuterUid = "11111111-2222-3333-4444-555555555555";
    private const string Id = "42ef33f2fbe2f8aae96cbc13dd9e9bd22ab9b47e7c63c2c4d0e9cbb6e1c35ed1";
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CgroupMembership Redis = new(IsInPod: true, Unit: null, new PodCgroup(Uid, Id));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-logs-");
    private readonly PodNames _names;

    public PodNamesTests()
    {
        _folder.CreateSubdirectory("pods");
        _folder.CreateSubdirectory("containers");
        _names = new PodNames(Path.Combine(_folder.FullName, "pods"), Path.Combine(_folder.FullName, "containers"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Pod_and_container_have_the_names_of_the_folders()
    {
        AddRedis();
        _names.Learn([Redis], Start);
        var (pod, container) = _names.Of(Redis)!.Value;
        Assert.Equal(("shop", "redis-0", Uid), (pod.Namespace, pod.Name, pod.Uid));
        Assert.Equal(new ContainerReference { Id = Id, Name = "redis" }, container);
    }

    [Fact]
    public void What_is_known_is_not_listed_again()
    {
        AddRedis();
        _names.Learn([Redis], Start);
        var once = _names.Listings;
        _names.Learn([Redis], Start.AddHours(1));
        Assert.Equal(once, _names.Listings);
    }

    [Fact]
    public void What_no_folder_has_is_looked_for_again_after_a_minute()
    {
        _names.Learn([Redis], Start);
        var once = _names.Listings;
        _names.Learn([Redis], Start.AddSeconds(59));
        Assert.Equal(once, _names.Listings);
        AddRedis();
        _names.Learn([Redis], Start.AddSeconds(60));
        Assert.Equal("redis-0", _names.Of(Redis)!.Value.Pod.Name);
    }

    [Fact]
    public void A_restarted_container_is_looked_up_at_once()
    {
        AddRedis();
        _names.Learn([Redis], Start);
        var again = Redis with { Pod = new PodCgroup(Uid, new string('b', 64)) };
        AddContainer(new string('b', 64));
        _names.Learn([again], Start.AddSeconds(1));
        Assert.Equal("redis", _names.Of(again)!.Value.Container!.Name);
    }

    [Fact]
    public void A_pod_without_a_folder_is_still_a_pod()
    {
        _names.Learn([Redis], Start);
        var (pod, container) = _names.Of(Redis)!.Value;
        Assert.Equal(("", "", Uid), (pod.Namespace, pod.Name, pod.Uid));
        Assert.Equal(new ContainerReference { Id = Id }, container);
    }

    [Fact]
    public void A_process_of_the_host_has_no_pod() =>
        Assert.Null(_names.Of(new CgroupMembership(IsInPod: false, "docker.service")));

    [Fact]
    public void On_a_node_in_a_pod_the_pod_is_the_one_of_its_own_kubelet()
    {
        AddRedis();
        var nested = new CgroupMembership(true, null, new PodCgroup(OuterUid, Id), new PodCgroup(Uid, Id));
        _names.Learn([nested], Start);
        Assert.Equal(Uid, _names.Of(nested)!.Value.Pod.Uid);
    }

    /// <summary>A container that may write its cgroups can name any pod below its own.</summary>
    [Fact]
    public void A_pod_that_is_known_is_not_put_aside_by_one_below_it()
    {
        AddRedis();
        _folder.CreateSubdirectory($"pods/kube-system_victim_{OuterUid}");
        var nested = new CgroupMembership(true, null, new PodCgroup(Uid, Id), new PodCgroup(OuterUid, Id));
        _names.Learn([nested], Start);
        Assert.Equal(Uid, _names.Of(nested)!.Value.Pod.Uid);
    }

    [Fact]
    public void A_folder_that_is_missing_is_told()
    {
        var names = new PodNames("/nowhere/pods", "/nowhere/containers");
        names.Learn([Redis], Start);
        Assert.Contains("/nowhere", names.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_missing_is_told_though_the_other_is_there()
    {
        Directory.Delete(Path.Combine(_folder.FullName, "pods"));
        _names.Learn([Redis], Start);
        Assert.Contains("/pods", _names.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Thousands_of_pods_are_not_remembered()
    {
        for (var i = 0; i < 3000; i++)
        {
            var pod = new CgroupMembership(true, null, new PodCgroup($"{i:x8}", null));
            _names.Learn([pod], Start);
        }

        AddRedis();
        _names.Learn([Redis], Start);
        Assert.Equal("redis-0", _names.Of(Redis)!.Value.Pod.Name);
    }

    private void AddRedis()
    {
        _folder.CreateSubdirectory($"pods/shop_redis-0_{Uid}");
        _folder.CreateSubdirectory("pods/what is this");
        AddContainer(Id);
    }

    private void AddContainer(string id) =>
        File.CreateSymbolicLink(
            Path.Combine(_folder.FullName, "containers", $"redis-0_shop_redis-{id}.log"),
            "/var/log/pods/gone"
        );
}
