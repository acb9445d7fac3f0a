using System.Net;
using System.Text.Json.Nodes;
using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>What the published agent writes, and when.</summary>
[Trait("Needs", "Machine")]
public sealed class AgentTests : IAsyncDisposable
{
    private readonly FakeApiServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task It_reports_a_process_and_the_machine()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await VictimAsync(percent: 40);
        _server.Spec = Spec(everyScanAtPercent: 35);
        await using var agent = await AgentRun.StartAsync(_server);
        await Condition.HoldsAsync(
            () => (string?)MappingOf(victim)?["confidence"] == "Exact",
            $"{victim.Name} is reported and measured",
            Check.Stop
        );
        var status = _server.Written[^1];
        var process = _server.Process(victim.Name)!;
        Assert.Equal(victim.Pid, (int)process["pid"]!);
        Assert.Equal(
            ("CanFork", "LargestMapping"),
            ((string?)process["verdict"], (string?)process["bindingConstraint"])
        );
        var mapping = MappingOf(victim)!;
        Assert.Equal((long)(victim.Range.End - victim.Range.Start), (long)mapping["used"]!);
        Assert.Equal($"{victim.Range.Start:x}", (string?)mapping["mapping"]!["start"]);
        Assert.Equal("Anonymous", (string?)mapping["mapping"]!["kind"]);
        Assert.Contains(status["constraints"]!.AsArray(), c => (string?)c!["type"] == "Threads");
        Assert.Equal(0, (int)status["kernel"]!["overcommitMode"]!);
        Assert.Equal(MemoryLimit.Pages() * Environment.SystemPageSize, (long)status["kernel"]!["limitBytes"]!);
        Assert.Equal("True", ConditionOf(status, "Ready")["status"]!.GetValue<string>());
        Assert.NotNull(status["observedTime"]);
    }

    [Fact]
    public async Task A_process_above_the_threshold_is_written_at_every_scan_with_fresh_numbers_and_one_below_is_not()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await VictimAsync(percent: 40);
        // Of nothing else on the machine: what is written, and when, is for all of a node together.
        using var captured = CapturedProc.Of(victim.Pid);
        _server.Spec = Spec(everyScanAtPercent: 35);
        await using var agent = await AgentRun.StartAsync(_server, more: ["--proc", captured.Root]);
        await Condition.HoldsAsync(() => _server.Written.Count >= 4, "four reports", Check.Stop);
        foreach (var status in _server.Written.Skip(1))
        {
            var process = status["processes"]!.AsArray().Single(p => (int)p!["pid"]! == victim.Pid)!;
            Assert.Equal((string?)status["observedTime"], (string?)process["measuredTime"]);
        }

        _server.Spec = Spec(everyScanAtPercent: 90);
        await agent.WaitForLineAsync("at every scan from 90 %");
        // The scan that was under way may still be written, and the one without a process above the threshold.
        await agent.ScansGoOnAsync();
        var written = _server.Written.Count;
        await agent.ScansGoOnAsync();
        Assert.Equal(written, _server.Written.Count);
    }

    [Fact]
    public async Task A_what_if_is_reported_beside_the_kernels_rule_for_as_long_as_it_is_asked_for()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await VictimAsync(percent: 40);
        _server.Spec = Spec(everyScanAtPercent: 35);
        _server.Spec["evaluateAs"] = new JsonArray("Sideways", "Strict");
        await using var agent = await AgentRun.StartAsync(_server);
        await agent.WaitForLineAsync("also what if Strict");
        JsonObject? Listed() =>
            (_server.Written is [.., var newest] ? newest["whatIf"] : null)?.AsArray() is [JsonObject list]
                ? list
                : null;
        await Condition.HoldsAsync(() => Listed() is not null, "a what-if is reported", Check.Stop);
        var list = Listed()!;
        Assert.Equal("Strict", (string?)list["evaluateAs"]);
        var process = list["processes"]!.AsArray().Single(p => (int)p!["pid"]! == victim.Pid)!;
        Assert.Equal("CommitCharge", (string?)process["bindingConstraint"]);
        Assert.Equal("LargestMapping", (string?)_server.Process(victim.Name)!["bindingConstraint"]);

        _server.Spec = Spec(everyScanAtPercent: 35);
        await Condition.HoldsAsync(
            () => _server.Written[^1]["whatIf"] is null,
            "nothing is reported that is not asked for",
            Check.Stop
        );
    }

    [Fact]
    public async Task A_quiet_process_is_written_when_its_band_changes_and_when_it_ends()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using (var victim = await VictimAsync(percent: 30))
        {
            await using var agent = await AgentRun.StartAsync(_server);
            await ReportedAsync(victim.Name);
            await agent.WaitForLineAsync("scans every 1 s");
            Assert.Equal(Errno.None, await victim.GrowAsync(Pages(10), Check.Stop));
            await Condition.HoldsAsync(
                () => (int?)MappingOf(victim)?["percent"] >= 39,
                "the band of 40 % is reported",
                Check.Stop
            );
            await victim.DisposeAsync();
            await Condition.HoldsAsync(() => _server.Process(victim.Name) is null, "its end is reported", Check.Stop);
        }
    }

    [Fact]
    public async Task Health_and_readiness_are_answered()
    {
        await using var agent = await AgentRun.StartAsync(_server);
        await Condition.HoldsAsync(
            async _ => await agent.CodeOfAsync("/readyz") == HttpStatusCode.OK,
            "ready after the first scan",
            cancellationToken: Check.Stop
        );
        Assert.Equal(HttpStatusCode.OK, await agent.CodeOfAsync("/healthz"));
        Assert.Contains("forkguard_overcommit_mode ", await agent.MetricsAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await agent.CodeOfAsync("/"));
    }

    [Fact]
    public async Task Who_may_not_read_says_so_once_and_in_the_report()
    {
        Machine.MustLetTheTestsBecomeNobody();
        await using var agent = await AgentRun.StartAsync(_server, asNobody: true);
        await Condition.HoldsAsync(() => _server.Written.Count > 0, "a report", Check.Stop);
        var condition = ConditionOf(_server.Written[^1], "Degraded");
        Assert.Equal(("True", "Capability"), ((string?)condition["status"], (string?)condition["reason"]));
        Assert.Contains("CAP_SYS_PTRACE", (string?)condition["message"], StringComparison.Ordinal);
        await agent.ScansGoOnAsync();
        Assert.Single(agent.Lines, line => line.Contains("DEGRADED", StringComparison.Ordinal));
        Assert.Contains(
            "forkguard_degraded{reason=\"Capability\"} 1",
            await agent.MetricsAsync(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_it_with_0_though_the_server_hangs(string signal)
    {
        _server.Fault = [];
        await using var agent = await AgentRun.StartAsync(_server);
        await Condition.HoldsAsync(() => _server.Requests > 0, "a request", Check.Stop);
        await agent.Process.SignalAsync(signal, Check.Stop);
        Assert.Equal(0, await agent.Process.WaitForExitAsync(Check.Stop));
        Assert.Contains("ends", agent.Lines[^1], StringComparison.Ordinal);
    }

    private JsonObject? MappingOf(Victim victim) =>
        FakeApiServer.Constraint(_server.Process(victim.Name), "LargestMapping");

    private static JsonObject Spec(int everyScanAtPercent) =>
        new()
        {
            ["scanSeconds"] = 1,
            ["everyScanAtPercent"] = everyScanAtPercent,
            ["reportAtPercent"] = 10,
        };

    private static JsonObject ConditionOf(JsonObject status, string type) =>
        status["conditions"]!.AsArray().Single(c => (string?)c!["type"] == type)!.AsObject();

    private static long Pages(int percent) => MemoryLimit.Pages() * percent / 100;

    private static Task<Victim> VictimAsync(int percent) =>
        Victim.StartAsync(
            VictimLayout.OneMapping,
            Pages(percent) + 1,
            Victim.UniqueName(),
            cancellationToken: Check.Stop
        );

    private Task ReportedAsync(string command) =>
        Condition.HoldsAsync(() => _server.Process(command) is not null, $"{command} is reported", Check.Stop);
}
