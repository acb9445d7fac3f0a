using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>What watch makes of manifests that are wrong, missing, or meant for a cluster.</summary>
[Trait("Needs", "Machine")]
public class WatchManifestTests
{
    private static readonly string Wrong =
        WatchFolder.Manifest("ClusterForkWatch", "fine", "hostProcesses: {commands: [forkguard-other]}")
        + "---\n"
        + WatchFolder.Manifest("ClusterForkWatch", "wrong", "hostProcesses: {}\n  holdSeconds: -1");

    [Fact]
    public async Task Beside_a_wrong_manifest_the_good_one_is_judged_all_the_same()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand();
        folder.Write("wrong.yaml", Wrong);
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        var result = await folder.WatchOnceAsync();
        Assert.Contains($"{folder.Root}/wrong.yaml: document 2", result.StandardError, StringComparison.Ordinal);
        Assert.Contains("spec.holdSeconds", result.StandardError, StringComparison.Ordinal);
        Assert.Contains(
            $"ForkImpossible {folder.Command} ({victim.Pid})",
            result.StandardOutput,
            StringComparison.Ordinal
        );
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public async Task With_wrong_manifests_only_there_is_nothing_to_judge()
    {
        using var folder = new WatchFolder();
        folder.Write("wrong.yaml", WatchFolder.Manifest("ClusterForkWatch", "wrong", "colour: red"));
        var result = await folder.WatchOnceAsync();
        Assert.Contains("wrong.yaml: document 1", result.StandardError, StringComparison.Ordinal);
        Assert.Contains("spec.colour", result.StandardError, StringComparison.Ordinal);
        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
    }

    [Fact]
    public async Task A_folder_without_manifests_is_said_to_be_one()
    {
        using var folder = new WatchFolder();
        folder.Write("readme.txt", "no manifest");
        var result = await folder.WatchOnceAsync();
        Assert.Contains(folder.Root, result.StandardError, StringComparison.Ordinal);
        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_named()
    {
        string[] arguments = ["watch", "--once", "-f", "/no/such/forkguard.yaml"];
        var result = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        Assert.Contains("/no/such/forkguard.yaml", result.StandardError, StringComparison.Ordinal);
        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
    }

    [Fact]
    public async Task A_fifo_without_a_writer_is_refused()
    {
        using var folder = new WatchFolder();
        var fifo = Path.Combine(folder.Root, "pipe");
        await CliWrap.Cli.Wrap("mkfifo").WithArguments([fifo]).ExecuteAsync(Check.Stop);
        string[] arguments = ["watch", "--once", "-f", fifo];
        var result = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        Assert.Contains($"{fifo}: is not a regular file", result.StandardError, StringComparison.Ordinal);
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public async Task A_watch_over_pods_is_listed_as_needing_a_cluster()
    {
        using var folder = new WatchFolder();
        folder.Write("pods.yaml", WatchFolder.Manifest("ForkWatch", "redis", "selector: {matchLabels: {app: redis}}"));
        var result = await folder.WatchOnceAsync();
        var lines = result.StandardOutput.Split('\n').ToList();
        var heading = lines.FindIndex(l => l.Contains("needs a cluster", StringComparison.Ordinal));
        Assert.InRange(heading, 1, lines.Count - 2);
        Assert.Contains("ForkWatch/redis", lines[heading + 1], StringComparison.Ordinal);
        Assert.Equal((0, ""), (result.ExitCode, result.StandardError));
    }

    [Fact]
    public async Task Of_a_watch_over_both_the_host_is_judged_and_the_pods_are_listed()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = new WatchFolder();
        folder.WriteHost("both", $"{{commands: [{folder.Command}]}}\n  selector: {{matchLabels: {{app: redis}}}}");
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        var result = await folder.WatchOnceAsync();
        Assert.Contains("needs a cluster", result.StandardOutput, StringComparison.Ordinal);
        Assert.Contains(
            $"ForkImpossible {folder.Command} ({victim.Pid})",
            result.StandardOutput,
            StringComparison.Ordinal
        );
        Assert.Equal(1, result.ExitCode);
    }
}
