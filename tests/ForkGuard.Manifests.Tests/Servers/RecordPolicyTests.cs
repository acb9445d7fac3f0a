using System.Net;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Testing.Kubernetes;
using Condition = ForkGuard.Testing.Condition;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>The controller alone writes restart records, as the chart's policy says and Kubernetes' own CEL evaluates.</summary>
[Collection<OnRealServers>]
[Trait("Needs", "Machine")]
public sealed class RecordPolicyTests(AgentPolicy policy) : IClassFixture<AgentPolicy>
{
    [Fact]
    public async Task Only_the_controller_creates_changes_and_deletes_a_record()
    {
        await Condition.HoldsAsync(
            async _ => (await CreateAsync(user: null, "probe")).Code == HttpStatusCode.Forbidden,
            "the policy is in force",
            cancellationToken: TestContext.Current.CancellationToken
        );

        AssertRefused(await CreateAsync(user: null, "forged"));
        var created = await CreateAsync(policy.Controller(), "deployment-redis-0123456789abcdef");
        Assert.True(created.Code == HttpStatusCode.Created, created.Message);
        var path = PathOf("deployment-redis-0123456789abcdef");
        var changed = created.Read<JsonObject>();
        changed["status"] = new JsonObject { ["state"] = "Called" };
        AssertRefused(await policy.SendAsync(user: null, HttpMethod.Put, path + "/status", changed.ToJsonString()));
        AssertRefused(await policy.SendAsync(user: null, HttpMethod.Delete, path));
        var written = await policy.SendAsync(
            policy.Controller(),
            HttpMethod.Put,
            path + "/status",
            changed.ToJsonString()
        );
        Assert.True(written.Code == HttpStatusCode.OK, written.Message);

        var deleted = await policy.SendAsync(policy.Controller(), HttpMethod.Delete, path);
        Assert.True(deleted.Code == HttpStatusCode.OK, deleted.Message);
    }

    /// <summary>Without --use-service-account-credentials all controllers have the name of kube-controller-manager.</summary>
    [Theory]
    [InlineData("kube-system", "generic-garbage-collector")]
    [InlineData("kube-system", "namespace-controller")]
    [InlineData("", "system:kube-controller-manager")]
    public async Task A_collector_deletes_a_record_and_writes_none(string ns, string name)
    {
        var collector = new ImpersonatedUser(ns, name);
        var record = $"deployment-{name.Replace(':', '-')}-0123456789abcdef";
        var created = await CreateAsync(policy.Controller(), record);
        Assert.True(created.Code == HttpStatusCode.Created, created.Message);
        Assert.Equal(HttpStatusCode.Forbidden, (await CreateAsync(collector, "forged")).Code);

        var deleted = await policy.SendAsync(collector, HttpMethod.Delete, PathOf(record));

        Assert.True(deleted.Code == HttpStatusCode.OK, deleted.Message);
    }

    private Task<ServerAnswer> CreateAsync(ImpersonatedUser? user, string name) =>
        policy.SendAsync(user, HttpMethod.Post, Resources.PathOf(Record(name)), Record(name).ToJsonString());

    private static string PathOf(string name) => $"{Resources.PathOf(Record(name))}/{name}";

    private static JsonObject Record(string name) =>
        Documents.Of(
            ForkGuardApi.ForkRestartKind,
            name,
            JsonNode.Parse("""{"owner": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "redis"}}""")
        );

    private static void AssertRefused(ServerAnswer answer)
    {
        Assert.True(answer.Code == HttpStatusCode.Forbidden, answer.Message);
        Assert.EndsWith(
            "denied request: only the controller of ForkGuard writes restart records",
            answer.Message,
            StringComparison.Ordinal
        );
    }
}
