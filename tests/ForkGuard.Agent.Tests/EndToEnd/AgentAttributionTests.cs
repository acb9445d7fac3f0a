using System.Text.Json.Nodes;
using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>Whom the report says a process belongs to: a real process, with the cgroup of a pod put in its captured files.</summary>
[Trait("Needs", "Machine")]
public sealed class AgentAttributionTests : IAsyncDisposable
{
    private const string Uid = "8dbc5577-d0e2-4706-8787-57d52c03ddf2";
    private const string StaticUid = "9d0d3ddcd4ff5ab3ad4b9d1a5dcbaa2e";
    private const string Id = "42ef33f2fbe2f8aae96cbc13dd9e9bd22ab9b47e7c63c2c4d0e9cbb6e1c35ed1";

    private readonly FakeApiServer _server = new();
    private readonly DirectoryInfo _logs = Directory.CreateTempSubdirectory("forkguard-logs-");

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _logs.Delete(recursive: true);
    }

    [Fact]
    public async Task A_process_of_a_pod_has_the_names_of_pod_and_container()
    {
        AddLogs($"shop_redis-0_{Uid}", $"redis-0_shop_redis-{Id}.log");
        var process = await ReportedAsync(
            $"0::/../../kubepods-pod{Uid.Replace('-', '_')}.slice/cri-containerd-{Id}.scope\n"
        );
        Assert.Equal(
            ("shop", "redis-0", Uid),
            ((string?)process["pod"]!["namespace"], (string?)process["pod"]!["name"], (string?)process["pod"]!["uid"])
        );
        Assert.Equal(("redis", Id), ((string?)process["container"]!["name"], (string?)process["container"]!["id"]));
        Assert.Null(process["systemdUnit"]);
    }

    [Fact]
    public async Task A_static_pod_has_its_name_and_the_hash_as_uid()
    {
        AddLogs($"kube-system_etcd-node-1_{StaticUid}", $"etcd-node-1_kube-system_etcd-{Id}.log");
        var process = await ReportedAsync($"4:memory:/kubepods/burstable/pod{StaticUid}/{Id}\n0::/\n");
        Assert.Equal(
            ("kube-system", "etcd-node-1", StaticUid),
            ((string?)process["pod"]!["namespace"], (string?)process["pod"]!["name"], (string?)process["pod"]!["uid"])
        );
    }

    [Fact]
    public async Task A_process_of_the_host_has_its_unit()
    {
        var process = await ReportedAsync("0::/../../../system.slice/docker.service\n");
        Assert.Equal("docker.service", (string?)process["systemdUnit"]);
        Assert.Null(process["pod"]);
    }

    [Fact]
    public async Task A_pod_without_log_folders_is_no_process_of_the_host()
    {
        var process = await ReportedAsync($"0::/kubepods/besteffort/pod{Uid}/{Id}\n");
        Assert.Equal(Uid, (string?)process["pod"]!["uid"]);
        Assert.False(process["pod"]!.AsObject().ContainsKey("name"));
        Assert.Equal(Id, (string?)process["container"]!["id"]);
    }

    private void AddLogs(string pod, string container)
    {
        _logs.CreateSubdirectory("pods").CreateSubdirectory(pod);
        File.CreateSymbolicLink(Path.Combine(_logs.CreateSubdirectory("containers").FullName, container), "/gone");
    }

    private async Task<JsonObject> ReportedAsync(string cgroup)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() / 4,
            Victim.UniqueName(),
            cancellationToken: Check.Stop
        );
        using var captured = CapturedProc.Of(victim.Pid);
        await File.WriteAllTextAsync(captured.FileOf("cgroup"), cgroup, Check.Stop);
        string[] folders =
        [
            "--proc",
            captured.Root,
            "--pod-logs",
            Path.Combine(_logs.FullName, "pods"),
            "--container-logs",
            Path.Combine(_logs.FullName, "containers"),
        ];
        await using var agent = await AgentRun.StartAsync(_server, more: folders);
        await Condition.HoldsAsync(() => _server.Process(victim.Name) is not null, "it is reported", Check.Stop);
        return _server.Process(victim.Name)!;
    }
}
