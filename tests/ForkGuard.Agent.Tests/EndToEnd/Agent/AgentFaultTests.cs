using System.Text;
using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>An API server that is away, slow, refuses or talks nonsense stops no scan, and is told once.</summary>
[Trait("Needs", "Machine")]
public sealed class AgentFaultTests : IAsyncDisposable
{
    private readonly FakeApiServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Name, the bytes of the answer (none: never), and what the log says.</summary>
    public static TheoryData<string, byte[], string> Faults =>
        new()
        {
            { "401", FakeApiServer.Status(401, "Unauthorized"), "HTTP 401: Unauthorized" },
            { "403", FakeApiServer.Status(403, "not yours"), "needs get on nodeforkreports and patch" },
            { "404", FakeApiServer.Status(404, "not found"), "the controller creates it" },
            { "409", FakeApiServer.Status(409, "changed meanwhile"), "HTTP 409: changed meanwhile" },
            { "429", FakeApiServer.Status(429, "too many", "Retry-After: 1\r\n"), "HTTP 429: too many" },
            { "500", FakeApiServer.Http(500, "<html>\u001b[31m"), "HTTP 500: <html>\\u001b[31m" },
            { "no JSON", FakeApiServer.Http(200, "<html>"), "no JSON" },
            { "other JSON", FakeApiServer.Http(200, "{\"kind\":\"Status\"}"), "not the report of this node" },
            { "an array", FakeApiServer.Http(200, "[[[[[["), "no JSON" },
            { "no HTTP", Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.2\r\n\r\n"), "scans go on" },
            { "cut short", FakeApiServer.Http(200, "{}")[..^1], "scans go on" },
            { "too much", FakeApiServer.Http(200, new string(' ', 2_000_000)), "longer than a report" },
            { "slow", [], "no answer within 10 s" },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task It_goes_on_scanning_and_writes_once_it_can(string name, byte[] fault, string said)
    {
        await using var victim = await HotAsync();
        await using var agent = await AgentRun.StartAsync(_server);
        await Condition.HoldsAsync(() => _server.Written.Count > 0, $"a report before {name}", Check.Stop);
        await agent.WaitForLineAsync("scans every 1 s");
        _server.Fault = fault;
        await agent.WaitForLineAsync(said);
        await agent.ScansGoOnAsync();
        Assert.Single(agent.Lines, line => line.Contains(said, StringComparison.Ordinal));
        var before = _server.Written.Count;
        _server.Fault = null;
        await Condition.HoldsAsync(() => _server.Written.Count > before, $"a report after {name}", Check.Stop);
        await agent.WaitForLineAsync("takes reports again");
        AgentFootprint.MustBeSmall(agent.Pid);
    }

    [Fact]
    public async Task A_server_that_is_away_from_the_start_is_waited_for()
    {
        await _server.GoAwayAsync();
        await using var agent = await AgentRun.StartAsync(_server);
        await agent.WaitForLineAsync("report not written, scans go on");
        await Condition.HoldsAsync(async _ => await agent.ScansAsync() > 0, "a scan", cancellationToken: Check.Stop);
        _server.ComeBack();
        await Condition.HoldsAsync(() => _server.Written.Count > 0, "a report", Check.Stop);
        AgentFootprint.MustBeSmall(agent.Pid);
    }

    /// <summary>For as long as it asks, no request comes, however many scans there are.</summary>
    [Fact]
    public async Task A_server_that_asks_to_be_left_alone_is()
    {
        await using var victim = await HotAsync();
        await using var agent = await AgentRun.StartAsync(_server);
        await Condition.HoldsAsync(() => _server.Written.Count > 0, "a report", Check.Stop);
        _server.Fault = FakeApiServer.Status(429, "too many", "Retry-After: 250\r\n");
        await agent.WaitForLineAsync("HTTP 429");
        var requests = _server.Requests;
        await agent.ScansGoOnAsync(5);
        Assert.Equal(requests, _server.Requests);
    }

    /// <summary>A process that is written at every scan.</summary>
    private async Task<Victim> HotAsync()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        _server.Spec = new() { ["scanSeconds"] = 1, ["hotAtPercent"] = 15 };
        return await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() / 5,
            "fg-fault",
            cancellationToken: Check.Stop
        );
    }
}
