using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>The published agent, and what it answers over HTTP.</summary>
internal sealed partial class AgentRun : IAsyncDisposable
{
    private static readonly HttpClient Http = new();
    private readonly ForkGuardProcess _process;
    private Uri _address = null!;

    private AgentRun(ForkGuardProcess process) => _process = process;

    public int Pid => _process.Pid;
    public IReadOnlyList<string> Lines => _process.Lines;
    public ForkGuardProcess Process => _process;

    public static async Task<AgentRun> StartAsync(
        FakeApiServer server,
        bool asNobody = false,
        IReadOnlyDictionary<string, string>? environment = null,
        params string[] more
    )
    {
        var process = ForkGuardProcess.Start(
            [
                "agent",
                "--node-name",
                FakeApiServer.Node,
                "--kubeconfig",
                server.WriteKubeconfig(),
                "--listen",
                "127.0.0.1:0",
                .. more,
            ],
            asNobody,
            environment: environment
        );
        var run = new AgentRun(process);
        var first = await process.WaitForLineAsync(
            line => line.Contains("listens on", StringComparison.Ordinal),
            cancellationToken: Check.Stop
        );
        run._address = new Uri($"http://{Listening().Match(first).Groups["endpoint"].Value}");
        return run;
    }

    public async Task<HttpStatusCode> CodeOfAsync(string path)
    {
        using var answer = await Http.GetAsync(new Uri(_address, path), Check.Stop);
        return answer.StatusCode;
    }

    public Task<string> MetricsAsync() => Http.GetStringAsync(new Uri(_address, "/metrics"), Check.Stop);

    public async Task<long> ScansAsync()
    {
        var metrics = await MetricsAsync();
        return Scans().Match(metrics) is { Success: true } match
            ? long.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture)
            : 0;
    }

    /// <summary>Waits for so many scans more.</summary>
    public async Task ScansGoOnAsync(int more = 3)
    {
        var then = await ScansAsync();
        await Condition.HoldsAsync(
            async _ => await ScansAsync() >= then + more,
            $"{more} scans more",
            cancellationToken: Check.Stop
        );
    }

    public Task WaitForLineAsync(string part) =>
        _process.WaitForLineAsync(
            line => line.Contains(part, StringComparison.Ordinal),
            TimeSpan.FromMinutes(1),
            Check.Stop
        );

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"listens on (?<endpoint>[\d.:]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();

    [GeneratedRegex(
        @"^forkguard_scan_duration_seconds_count (?<count>\d+)$",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        1000
    )]
    private static partial Regex Scans();
}
