using System.Net;
using System.Text.Json.Nodes;
using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>What the agent does when the machine's own files change: captured ones, which a test may write.</summary>
[Trait("Needs", "Machine")]
public sealed class AgentMachineTests : IAsyncDisposable
{
    private readonly FakeApiServer _server = new();
    private readonly CapturedProc _captured = CapturedProc.Of(Environment.ProcessId);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _captured.Dispose();
    }

    [Fact]
    public async Task A_change_of_mode_is_told_and_reported_without_the_limit_of_before()
    {
        await SetModeAsync(0);
        await using var agent = await StartAsync();
        await ReportedAsync(kernel => (int)kernel["overcommitMode"]! == 0 && kernel["limitBytes"] is not null);
        await SetModeAsync(1);
        await agent.WaitForLineAsync("overcommit mode changed: vm.overcommit_memory was 0 and is now 1");
        await ReportedAsync(kernel => (int)kernel["overcommitMode"]! == 1 && kernel["limitBytes"] is null);
        var metrics = await agent.MetricsAsync();
        Assert.Contains("\nforkguard_overcommit_mode_changes_total 1\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("\nforkguard_limit_bytes ", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_fails_once_scans_stop_and_comes_back_with_them()
    {
        var meminfo = Path.Combine(_captured.Root, "meminfo");
        var content = await File.ReadAllBytesAsync(meminfo, Check.Stop);
        await using var agent = await StartAsync();
        await agent.WaitForLineAsync("scans every 1 s");
        await agent.ScansGoOnAsync(1);
        File.Delete(meminfo);
        await agent.WaitForLineAsync("cannot scan: ");
        await Condition.HoldsAsync(
            async _ => await agent.CodeOfAsync("/healthz") == HttpStatusCode.ServiceUnavailable,
            "no life without scans",
            TimeSpan.FromMinutes(1),
            Check.Stop
        );
        Assert.Single(agent.Lines, line => line.Contains("cannot scan: ", StringComparison.Ordinal));
        await File.WriteAllBytesAsync(meminfo, content, Check.Stop);
        await Condition.HoldsAsync(
            async _ => await agent.CodeOfAsync("/healthz") == HttpStatusCode.OK,
            "life again",
            cancellationToken: Check.Stop
        );
    }

    private Task<AgentRun> StartAsync() => AgentRun.StartAsync(_server, more: ["--proc", _captured.Root]);

    private Task SetModeAsync(int mode) =>
        File.WriteAllTextAsync(Path.Combine(_captured.Root, "sys/vm/overcommit_memory"), $"{mode}\n", Check.Stop);

    private Task ReportedAsync(Func<JsonNode, bool> isAsWanted) =>
        Condition.HoldsAsync(
            () => _server.Written is [.., var newest] && isAsWanted(newest["kernel"]!),
            "the kernel's settings are reported",
            Check.Stop
        );
}
