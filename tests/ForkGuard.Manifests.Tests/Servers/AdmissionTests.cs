using System.Net;
using System.Text.Json.Nodes;
using ForkGuard.ApiReference;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>What a real server takes and refuses: what is valid by the validator, with the fields that it names.</summary>
public abstract class AdmissionTests(IResourceServer server)
{
    [Theory]
    [MemberData(nameof(SampleTests.Samples), MemberType = typeof(SampleTests))]
    public async Task A_sample_is_taken(string file)
    {
        var answer = await server.TryAsync(YamlDocuments.ReadFile(Path.Combine(ManifestPaths.Samples, file)));
        Assert.True(answer.Code == HttpStatusCode.Created, answer.Message);
    }

    [Theory]
    [MemberData(nameof(InvalidSampleTests.Names), MemberType = typeof(InvalidSampleTests))]
    public async Task An_invalid_sample_is_refused_with_the_field(string name)
    {
        var sample = InvalidSample.Read(name);
        var answer = await server.TryAsync(sample.Document);
        if (sample.NeedsCel && !server.HasCel)
        {
            // The controller refuses it by the validator and says so in the condition Accepted.
            Assert.True(answer.Code == HttpStatusCode.Created, answer.Message);
            return;
        }

        // The older server leaves the numbers of elements out; the newer one remarks when it has not looked at everything.
        var named = answer
            .Causes.Where(cause => !cause.Message.Contains("were not checked", StringComparison.Ordinal))
            .Select(cause => server.HasCel ? cause.Field : InvalidSample.WithoutNumbers(cause.Field));
        var field = server.HasCel ? sample.Field : InvalidSample.WithoutNumbers(sample.Field);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.True(field == string.Join(" ", named.Distinct(StringComparer.Ordinal)), answer.Message);
    }

    [Fact]
    public async Task What_a_watch_does_not_say_is_filled_in()
    {
        var watch = Watch();
        var taken = await TakenAsync(watch);
        var expected = JsonNode.Parse(
            """
            {"selector": {"matchLabels": {"app": "a"}}, "warnAtPercent": 70, "holdSeconds": 120, "evaluateAs": "Actual",
             "action": "Event", "paused": false}
            """
        );
        AssertSame(expected, taken["spec"]);
    }

    [Fact]
    public async Task What_a_restart_does_not_say_is_filled_in_where_there_is_one()
    {
        var watch = Watch();
        watch["spec"]!["restart"] = new JsonObject { ["windows"] = null };
        var taken = await TakenAsync(watch);
        var expected = JsonNode.Parse(
            """
            {"method": "Evict", "cooldownSeconds": 3600, "maxConcurrent": 1, "minReadyReplicas": 1, "maxIneffectiveRestarts": 3,
             "allowLocalStorage": false, "dryRun": false}
            """
        );
        AssertSame(expected, taken["spec"]!["restart"]);
    }

    [Fact]
    public async Task A_report_that_says_nothing_gets_its_numbers()
    {
        var taken = await TakenAsync(Documents.Of("NodeForkReport", "node-1", null));
        AssertSame(JsonNode.Parse("""{"reportAtPercent": 10, "scanSeconds": 15}"""), taken["spec"]);
    }

    private async Task<JsonNode> TakenAsync(JsonObject document)
    {
        var answer = await server.TryAsync(document);
        return answer.Read<JsonObject>();
    }

    private static JsonObject Watch() =>
        Documents.Of("ForkWatch", "w", JsonNode.Parse("""{"selector": {"matchLabels": {"app": "a"}}}"""));

    private static void AssertSame(JsonNode? expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"{expected}\nis not\n{actual}");
}

[Collection<OnRealServers>]
[Trait("Needs", "Machine")]
public sealed class WholeServerAdmissionTests(RealServers servers) : AdmissionTests(servers.Whole);

[Collection<OnRealServers>]
[Trait("Needs", "Machine")]
public sealed class CelServerAdmissionTests(RealServers servers) : AdmissionTests(servers.Cel);
