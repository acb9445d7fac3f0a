using System.Text.Json.Nodes;
using ForkGuard.Agent.Reporting;
using ForkGuard.Agent.Tests.EndToEnd.Agent;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using k8s;
using Condition = ForkGuard.Testing.Condition;

namespace ForkGuard.Agent.Tests.Reporting;

/// <summary>An agent that was restarted goes on with the settled usage of the status that it finds.</summary>
public sealed class EarlierStatusTests : IAsyncDisposable
{
    private readonly FakeApiServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_first_answer_has_the_status_that_was_written_before_and_later_ones_have_not()
    {
        _server.Earlier = Status("LargestMapping");
        var earlier = await EarlierAsync(isExpected: true);
        var settled = earlier!.Processes![0].Constraint(ConstraintType.LargestMapping)!.Settled;
        Assert.Equal(new SettledReport { Time = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), Used = 250 }, settled);
    }

    [Fact]
    public async Task A_type_of_a_later_version_is_carried()
    {
        _server.Earlier = Status("CpuShares");
        Assert.Equal("CpuShares", (await EarlierAsync(isExpected: true))!.Processes![0].Constraints![0].Type.Text);
    }

    [Fact]
    public async Task A_status_that_cannot_be_read_is_no_reason_not_to_report()
    {
        _server.Earlier = new JsonObject { ["processes"] = "none" };
        Assert.Null(await EarlierAsync(isExpected: false));
    }

    private async Task<NodeForkReportStatus?> EarlierAsync(bool isExpected)
    {
        using var api = new ApiServer(new KubernetesClientConfiguration { Host = $"http://{_server.Endpoint}" });
        using var metrics = new AgentMetrics();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var log = new AgentLog(TextWriter.Null, TimeProvider.System);
        var writer = new ReportWriter(new ReportClient(api, FakeApiServer.Node), metrics, log, TimeProvider.System);
        var running = writer.RunAsync(stop.Token);
        NodeForkReportStatus? earlier = null;
        await Condition.HoldsAsync(
            () =>
                (earlier ??= writer.TakeEarlier()) is not null
                || (!isExpected && writer.Settings.Interval.Seconds == 1),
            "the first answer",
            stop.Token
        );
        Assert.Null(writer.TakeEarlier());
        await stop.CancelAsync();
        // It may be between two waits when the token is cancelled, and then it just returns.
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.False(running.IsFaulted, running.Exception?.ToString());
        return earlier;
    }

    private static JsonObject Status(string type) =>
        JsonNode
            .Parse(
                $$"""
                {"processes": [{
                  "measuredTime": "2026-03-01T13:00:00Z", "pid": 1, "startTimeTicks": 2, "command": "redis", "verdict": "CanFork",
                  "constraints": [{
                    "type": "{{type}}", "unit": "Bytes", "scope": "Process", "used": 300, "limit": 1000, "percent": 30,
                    "confidence": "Exact", "settled": {"time": "2026-03-01T12:00:00Z", "used": 250}
                  }]
                }]}
                """
            )!
            .AsObject();
}
