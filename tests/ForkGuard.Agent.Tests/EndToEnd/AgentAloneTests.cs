using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>An API server that is not there, does not answer, or asks to be left alone.</summary>
[Trait("Needs", "Machine")]
public sealed class AgentAloneTests : AgentFaultTests
{
    [Fact]
    public Task It_does_not_answer() => MustGoOnScanningAndWriteOnceItCanAsync("slow", [], "no answer within 10 s");

    [Fact]
    public async Task A_server_that_is_away_from_the_start_is_waited_for()
    {
        await Server.GoAwayAsync();
        await using var agent = await AgentRun.StartAsync(Server);
        await agent.WaitForLineAsync("report not written, scans go on");
        await Condition.HoldsAsync(async _ => await agent.ScansAsync() > 0, "a scan", cancellationToken: Check.Stop);
        Server.ComeBack();
        await Condition.HoldsAsync(() => Server.Written.Count > 0, "a report", Check.Stop);
        AgentFootprint.MustBeSmall(agent.Pid);
    }

    /// <summary>For as long as it asks, no request comes, however many scans there are.</summary>
    [Fact]
    public async Task A_server_that_asks_to_be_left_alone_is()
    {
        await using var victim = await StartAboveThresholdAsync();
        await using var agent = await AgentRun.StartAsync(Server);
        await Condition.HoldsAsync(() => Server.Written.Count > 0, "a report", Check.Stop);
        Server.Fault = FakeApiServer.Status(429, "too many", "Retry-After: 250\r\n");
        await agent.WaitForLineAsync("HTTP 429");
        var requests = Server.Requests;
        await agent.ScansGoOnAsync(5);
        Assert.Equal(requests, Server.Requests);
    }
}
