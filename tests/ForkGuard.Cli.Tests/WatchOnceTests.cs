using System.Text.Json.Nodes;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary><c>watch --once</c>: one look, and an exit code that tells whether anything is at risk.</summary>
[Trait("Needs", "Machine")]
public class WatchOnceTests
{
    private static long Half => MemoryLimit.Pages() / 2;
    private static long AQuarter => MemoryLimit.Pages() / 4;

    [Fact]
    public async Task A_victim_that_grows_past_the_threshold_is_named_in_an_event()
    {
        MustNotBeStrict();
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await folder.StartVictimAsync(Half);
        var quiet = await folder.WatchOnceAsync();
        Assert.Equal((0, ""), (quiet.ExitCode, quiet.StandardError));
        Assert.Empty(Events(quiet));

        Assert.Equal(Errno.None, await victim.GrowAsync(AQuarter, Check.Stop));
        var loud = await folder.WatchOnceAsync();
        if (RunningKernel.OvercommitMode == 1)
        {
            Assert.Empty(Events(loud));
            Assert.Equal(0, loud.ExitCode);
            return;
        }

        var line = Assert.Single(Events(loud));
        Assert.Matches(
            $@"^\d\d:\d\d:\d\d ForkNearLimit {folder.Command} \({victim.Pid}\).*: 7[45] % of the limit",
            line
        );
        Assert.Contains("mode 0", line, StringComparison.Ordinal);
        Assert.Contains("[ClusterForkWatch/host]", line, StringComparison.Ordinal);
        Assert.Equal(1, loud.ExitCode);
    }

    [Fact]
    public async Task Above_the_limit_the_event_is_that_fork_is_impossible()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        var result = await folder.WatchOnceAsync();
        var line = Assert.Single(Events(result));
        Assert.Contains($"ForkImpossible {folder.Command} ({victim.Pid})", line, StringComparison.Ordinal);
        Assert.Contains($"forkguard check {victim.Pid}", line, StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task A_what_if_of_mode_2_names_a_fork_that_it_would_refuse()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = new WatchFolder();
        folder.Write(
            "host.yaml",
            WatchFolder.Manifest(
                "ClusterForkWatch",
                "host",
                $"evaluateAs: Strict\n  hostProcesses: {{commands: [{folder.Command}]}}"
            )
        );
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() - AQuarter);
        var result = await folder.WatchOnceAsync();
        Assert.Contains($"ForkImpossible {folder.Command} ({victim.Pid})", Assert.Single(Events(result)));
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task In_JSON_the_event_is_an_object_with_the_process_in_it()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        var result = await folder.WatchOnceAsync(format: "json");
        var objects = Check.Objects(result);
        Assert.Equal("Header Scan Event", string.Join(' ', objects.Select(o => (string)o["type"]!)));
        Assert.Equal(1, (int)objects[1]["atRisk"]!);
        var told = objects[2];
        Assert.Equal(("ForkImpossible", "ClusterForkWatch/host"), ((string?)told["event"], (string?)told["watch"]));
        Assert.Equal((victim.Pid, folder.Command), ((int)told["process"]!["pid"]!, CommandOf(told)));
        Assert.Equal("CannotFork", (string?)told["process"]!["verdict"]);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task A_process_that_the_watch_does_not_name_is_not_told()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand();
        using var other = new WatchFolder();
        await using var victim = await other.StartVictimAsync(MemoryLimit.Pages() + 1);
        var result = await folder.WatchOnceAsync();
        Assert.Empty(Events(result));
        Assert.Contains(" 0 at risk", result.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task A_watch_by_a_unit_that_is_not_there_finds_nothing()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = new WatchFolder();
        folder.WriteHost("host", "{units: [forkguard-no-such.service]}");
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        var result = await folder.WatchOnceAsync();
        Assert.Empty(Events(result));
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Without_names_every_process_of_the_host_is_watched()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = new WatchFolder();
        folder.WriteHost("host", "{}");
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        var result = await folder.WatchOnceAsync();
        Assert.Contains(
            Events(result),
            line => line.Contains($" {folder.Command} ({victim.Pid})", StringComparison.Ordinal)
        );
        Assert.Equal(1, result.ExitCode);
    }

    /// <summary>The lines that tell an event begin with the time.</summary>
    private static IEnumerable<string> Events(ProgramResult result) =>
        result.StandardOutput.Split('\n').Where(line => line.Length > 8 && line[2] == ':' && line[5] == ':');

    private static string CommandOf(JsonObject told) => (string)told["process"]!["command"]!;

    private static void MustNotBeStrict() =>
        Assert.SkipWhen(
            RunningKernel.OvercommitMode == 2,
            "strict mode judges the whole machine, not this process alone"
        );
}
