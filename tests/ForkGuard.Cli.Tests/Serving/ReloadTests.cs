using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests.Serving;

/// <summary>SIGHUP reads the manifests again.</summary>
[Trait("Needs", "Machine")]
public sealed class ReloadTests
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    [Fact]
    public async Task A_new_watch_is_evaluated_after_the_reload()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = new WatchFolder();
        folder.WriteHost("other", "{commands: [no-such-command]}");
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        await using var watch = await ListeningWatch.StartAsync(folder);
        await ScanAsync(watch);
        folder.WriteHost("host", $"{{commands: [{folder.Command}]}}", holdSeconds: 0);
        await watch.Process.SignalAsync("HUP", Check.Stop);
        await LineAsync(watch, " manifests reloaded");
        await LineAsync(watch, $"watching ClusterForkWatch/host, command {folder.Command}");
        await LineAsync(watch, $" ForkImpossible {folder.Command} ({victim.Pid})");
    }

    [Fact]
    public async Task An_invalid_manifest_is_named_and_the_last_valid_ones_stay_in_force()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var watch = await ListeningWatch.StartAsync(folder);
        await ScanAsync(watch);
        var manifest = Path.Combine(folder.Root, "host.yaml");
        var valid = await File.ReadAllTextAsync(manifest, Check.Stop);
        folder.Write("host.yaml", valid.Replace("holdSeconds: 0", "holdSeconds: -1", Ordinal));
        await watch.Process.SignalAsync("HUP", Check.Stop);
        await LineAsync(watch, " manifests not reloaded, 1 error: the previous ones stay in force");
        await watch.HasValueAsync("forkguard_manifest_errors", "1");
        Assert.Matches(
            $@"(?m)^forkguard: {manifest}: document 1, line \d+: spec.holdSeconds: is -1 but must be ",
            watch.Process.Errors
        );

        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        await LineAsync(watch, $" ForkImpossible {folder.Command} ({victim.Pid})");

        folder.Write("host.yaml", valid);
        await watch.Process.SignalAsync("HUP", Check.Stop);
        await LineAsync(watch, " manifests reloaded");
        await watch.HasValueAsync("forkguard_manifest_errors", "0");
    }

    [Fact]
    public async Task A_folder_that_is_gone_keeps_the_last_valid_manifests()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = await ListeningWatch.StartAsync(folder);
        await ScanAsync(watch);
        File.Delete(Path.Combine(folder.Root, "host.yaml"));
        await watch.Process.SignalAsync("HUP", Check.Stop);
        await LineAsync(watch, " manifests not reloaded, 1 error");
        await ScanAsync(watch);
        Assert.Contains("is a directory without manifests", watch.Process.Errors, Ordinal);
        await watch.Process.SignalAsync("TERM", Check.Stop);
        Assert.Equal(0, await watch.Process.WaitForExitAsync(Check.Stop));
    }

    [Fact]
    public async Task An_unchanged_watch_emits_nothing_again()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        await using var watch = await ListeningWatch.StartAsync(folder);
        await LineAsync(watch, " ForkImpossible ");
        folder.WriteHost("other", "{commands: [no-such-command]}");
        await watch.Process.SignalAsync("HUP", Check.Stop);
        await LineAsync(watch, " manifests reloaded");
        await ScanAsync(watch);
        await ScanAsync(watch);
        Assert.Single(watch.Process.Lines, line => line.Contains(" Fork", Ordinal) && line[2] == ':');
    }

    [Fact]
    public async Task Valid_manifests_replace_the_exit_code_of_invalid_ones()
    {
        using var folder = WatchFolder.OfItsCommand();
        folder.Write("wrong.yaml", WatchFolder.Manifest("ClusterForkWatch", "wrong", "colour: red"));
        await using var watch = await ListeningWatch.StartAsync(folder);
        await watch.HasValueAsync("forkguard_manifest_errors", "1");
        File.Delete(Path.Combine(folder.Root, "wrong.yaml"));
        await watch.Process.SignalAsync("HUP", Check.Stop);
        await LineAsync(watch, " manifests reloaded");
        await watch.Process.SignalAsync("TERM", Check.Stop);
        Assert.Equal(0, await watch.Process.WaitForExitAsync(Check.Stop));
    }

    [Fact]
    public async Task In_JSON_a_reload_is_an_object_with_its_errors()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = folder.Watch("json");
        await watch.WaitForLineAsync(line => line.Contains("\"Scan\"", Ordinal), cancellationToken: Check.Stop);
        folder.Write("wrong.yaml", WatchFolder.Manifest("ClusterForkWatch", "wrong", "colour: red"));
        await watch.SignalAsync("HUP", Check.Stop);
        var line = await watch.WaitForLineAsync(
            line => line.Contains("\"Reload\"", Ordinal),
            cancellationToken: Check.Stop
        );
        var reload = System.Text.Json.Nodes.JsonNode.Parse(line)!;
        Assert.Contains("spec.colour", (string?)Assert.Single(reload["errors"]!.AsArray()), Ordinal);
        Assert.Equal("ClusterForkWatch/host", (string?)Assert.Single(reload["watches"]!.AsArray()));
    }

    private static Task<string> LineAsync(ListeningWatch watch, string part) =>
        watch.Process.WaitForLineAsync(line => line.Contains(part, Ordinal), cancellationToken: Check.Stop);

    /// <summary>Waits for a scan that begins after this call.</summary>
    private static async Task ScanAsync(ListeningWatch watch)
    {
        const string Series = "forkguard_scan_duration_seconds_count";
        var before = await watch.ValueOfAsync(Series);
        await Condition.HoldsAsync(
            async _ => await watch.ValueOfAsync(Series) is { } now && now != before,
            "another scan",
            cancellationToken: Check.Stop
        );
    }
}
