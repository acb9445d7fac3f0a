using System.Net;
using System.Text.Json.Nodes;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>What the programs write into a status is taken and comes back: nothing of it is pruned.</summary>
public abstract class StatusTests(IResourceServer server)
{
    [Theory]
    [InlineData("ForkWatch", """{"selector": {"matchLabels": {"app": "a"}}}""")]
    [InlineData("ClusterForkWatch", """{"hostProcesses": {}}""")]
    [InlineData("NodeForkReport", """{"everyScanAtPercent": 65}""")]
    [InlineData("ForkRestart", """{"owner": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "redis"}}""")]
    public async Task A_status_comes_back_as_it_was_written(string kind, string spec)
    {
        var document = Documents.Of(kind, "status-" + kind.ToLowerInvariant(), JsonNode.Parse(spec));
        var collection = Resources.PathOf(document);
        var made = await SendAsync(HttpMethod.Post, collection, document);
        var path = $"{collection}/{made["metadata"]!["name"]}";
        try
        {
            var status = FullStatus.Of(kind);
            made["status"] = status.DeepClone();
            var written = await SendAsync(HttpMethod.Put, path + "/status", made);
            Assert.True(JsonNode.DeepEquals(status, written["status"]), $"{status}\nis not\n{written["status"]}");

            // Through the object itself a status cannot be changed, and a status is no new generation of the spec.
            written["status"] = new JsonObject();
            var again = await SendAsync(HttpMethod.Put, path, written);
            Assert.True(JsonNode.DeepEquals(status, again["status"]), $"{status}\nis not\n{again["status"]}");
            Assert.Equal(1, again["metadata"]!["generation"]!.GetValue<int>());
        }
        finally
        {
            await server.SendAsync(HttpMethod.Delete, path);
        }
    }

    [Fact]
    public async Task A_list_that_is_longer_than_the_contract_says_is_refused()
    {
        var report = Documents.Of("NodeForkReport", "status-too-long", null);
        var status = FullStatus.Of("NodeForkReport");
        var one = status["processes"]![0]!;
        status["processes"] = new JsonArray([.. Enumerable.Range(0, 65).Select(_ => one.DeepClone())]);
        var made = await SendAsync(HttpMethod.Post, Resources.PathOf(report), report);
        var path = $"{Resources.PathOf(report)}/status-too-long";
        try
        {
            made["status"] = status;
            var answer = await server.SendAsync(HttpMethod.Put, path + "/status", made.ToJsonString());
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
            Assert.Equal("status.processes", Assert.Single(answer.Fields()));
        }
        finally
        {
            await server.SendAsync(HttpMethod.Delete, path);
        }
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode document) =>
        (await server.SendAsync(method, path, document.ToJsonString())).Read<JsonObject>();
}

[Collection<OnRealServers>]
[Trait("Needs", "Machine")]
public sealed class WholeServerStatusTests(RealServers servers) : StatusTests(servers.Whole);

[Collection<OnRealServers>]
[Trait("Needs", "Machine")]
public sealed class CelServerStatusTests(RealServers servers) : StatusTests(servers.Cel);
