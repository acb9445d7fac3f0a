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
    public async Task Metrics_are_pushed_to_the_collector_with_the_resource_they_are_of()
    {
        using var collector = new Collector();
        await using var agent = await AgentRun.StartAsync(_server, environment: Pushing(collector.Address));
        var (path, body) = await collector.PushAsync("forkguard.overcommit.mode");
        Assert.Equal("POST /v1/metrics", path);
        Assert.All(
            [
                "forkguard.overcommit.mode",
                "service.instance.id",
                "forkguard-agent",
                "k8s.node.name",
                FakeApiServer.Node,
            ],
            text => Assert.Contains(text, body, StringComparison.Ordinal)
        );
        AgentFootprint.MustBeSmall(agent.Pid);
    }

    [Fact]
    public async Task The_variables_of_metrics_and_of_the_resource_have_precedence()
    {
        using var collector = new Collector();
        await using var agent = await AgentRun.StartAsync(
            _server,
            environment: new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
                ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"] = "http/protobuf",
                ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = $"{collector.Address}elsewhere",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
                ["OTEL_SERVICE_NAME"] = "another-name",
                ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=staging",
            }
        );
        var (path, body) = await collector.PushAsync("forkguard.overcommit.mode");
        Assert.Equal("POST /elsewhere", path);
        Assert.All(
            ["another-name", "deployment.environment.name", "staging"],
            text => Assert.Contains(text, body, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Metrics_are_not_pushed_when_their_exporter_is_none()
    {
        await using var agent = await AgentRun.StartAsync(
            _server,
            environment: new Dictionary<string, string>(Pushing("http://127.0.0.1:1/"), StringComparer.Ordinal)
            {
                ["OTEL_METRICS_EXPORTER"] = "none",
            }
        );
        Assert.DoesNotContain(agent.Lines, line => line.Contains("pushes metrics", StringComparison.Ordinal));
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

    /// <summary>Receives pushes.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly HttpListener _listener = new();

        internal Collector()
        {
            _listener.Prefixes.Add(Address);
            _listener.Start();
        }

        internal string Address { get; } = $"http://127.0.0.1:{FreePort()}/";

        /// <summary>Waits for the push that a metric is in.</summary>
        internal async Task<(string Path, string Body)> PushAsync(string metric)
        {
            while (true)
            {
                var push = await _listener.GetContextAsync().WaitAsync(TimeSpan.FromMinutes(1), Check.Stop);
                using var body = new MemoryStream();
                await push.Request.InputStream.CopyToAsync(body, Check.Stop);
                push.Response.Close();
                var text = Encoding.Latin1.GetString(body.ToArray());
                if (text.Contains(metric, StringComparison.Ordinal))
                {
                    return ($"{push.Request.HttpMethod} {push.Request.RawUrl}", text);
                }
            }
        }

        public void Dispose() => _listener.Close();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
