using System.Net;
using System.Text.Json.Nodes;
using CsCheck;
using ForkGuard.Api;
using ForkGuard.Api.Validation;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>The server and the validator take and refuse the same watches, on both sides of every bound.</summary>
[Collection<OnRealServers>]
[Trait("Needs", "Machine")]
public sealed class BoundaryTests(RealServers servers)
{
    private const int Watches = 1000;

    [Fact]
    public Task The_server_takes_and_refuses_what_the_validator_does() =>
        WatchGen.Watch.SampleAsync(CompareAsync, iter: Watches, threads: 2, print: watch => watch.ToJsonString());

    private async Task CompareAsync(JsonObject watch)
    {
        var errors = WatchDocument.Read(watch).Errors;
        var answer = await servers.Cel.TryAsync(watch);
        var told = $"validator: {string.Join("; ", errors)}\nserver: {(int)answer.Code} {answer.Message}";
        Assert.True(
            answer.Code == (errors.Count == 0 ? HttpStatusCode.Created : HttpStatusCode.UnprocessableEntity),
            told
        );

        // The server leaves its rules out when a value is of no use for any, and says so.
        if (answer.Causes.Any(cause => cause.Message.Contains("were not checked", StringComparison.Ordinal)))
        {
            return;
        }

        var fields = answer.Fields().Select(Told).ToList();
        Assert.True(
            errors.Select(error => Told(error.Path)).All(path => fields.Any(field => FieldPath.Holds(path, field))),
            told
        );
    }

    // The key of a label is written in other ways by the server, and where it is wrong the labels as a whole are.
    private static string Told(string path)
    {
        const string labels = "matchLabels";
        var at = path.IndexOf(labels, StringComparison.Ordinal);
        return at < 0 ? path : path[..(at + labels.Length)];
    }
}
