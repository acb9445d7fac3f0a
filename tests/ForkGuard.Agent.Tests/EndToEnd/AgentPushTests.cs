using System.Net;
using System.Net.Sockets;
using System.Text;
using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>Metrics are pushed where the environment says, and a collector that is away holds up nothing.</summary>
[Trait("Needs", "Machine")]
public sealed class AgentPushTests : IAsyncDisposable
{
    private readonly FakeApiServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Metrics_are_pushed_to_the_collector()
    {
        using var collector = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort()}/";
        collector.Prefixes.Add(address);
        collector.Start();
        var received = collector.GetContextAsync();
        await using var agent = await AgentRun.StartAsync(_server, environment: Pushing(address));
        await Condition.HoldsAsync(() => received.IsCompleted, "a push", Check.Stop);
        var push = await received;
        using var body = new MemoryStream();
        await push.Request.InputStream.CopyToAsync(body, Check.Stop);
        push.Response.Close();
        Assert.Equal(("POST", "/v1/metrics"), (push.Request.HttpMethod, push.Request.RawUrl));
        Assert.Contains(
            "forkguard.overcommit.mode",
            Encoding.Latin1.GetString(body.ToArray()),
            StringComparison.Ordinal
        );
        AgentFootprint.MustBeSmall(agent.Pid);
    }

    [Fact]
    public async Task A_collector_that_is_away_holds_up_neither_scans_nor_the_end()
    {
        await using var agent = await AgentRun.StartAsync(
            _server,
            environment: Pushing($"http://127.0.0.1:{FreePort()}/")
        );
        await agent.WaitForLineAsync("scans every 1 s");
        await agent.ScansGoOnAsync();
        await agent.Process.SignalAsync("TERM", Check.Stop);
        Assert.Equal(0, await agent.Process.WaitForExitAsync(Check.Stop));
        Assert.Contains("ends", agent.Lines[^1], StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Pushing(string address) =>
        new(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
