using ForkGuard.Api;
using ForkGuard.Controller.Restarting;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>A watch that a server without CEL took, and the controller does not.</summary>
[Collection(Stage.OneAtATime)]
[Trait("Needs", "Machine")]
public sealed class InvalidWatchTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_watch_that_becomes_invalid_says_so_and_its_restart_under_way_is_seen_through()
    {
        Assert.SkipWhen(cluster.HasCel, "this server refuses an invalid watch itself");
        await using var stage = await Stage.CreateAsync(cluster);
        var restarts = new RestartOptions { RecoveryTimeout = TimeSpan.FromSeconds(8) };
        await using var controller = new RunningController(cluster, restarts: restarts);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.StatusAsync(s => s.LastRestart?.Result == RestartResult.Accepted, "an accepted restart");

        const string Invalid = """{"spec":{"warnAtPercent":60,"clearBelowPercent":80}}""";
        var patched = await cluster.KubectlAsync(
            "patch",
            "forkwatch",
            Stage.App,
            "--namespace",
            stage.Namespace,
            "--type=merge",
            "--patch",
            Invalid
        );
        Assert.True(patched.ExitCode == 0, patched.StandardError);

        var status = await stage.StatusAsync(
            s =>
                s.Owners is [{ Restart: null }]
                && (s.Conditions ?? []).Any(c => c is { Type: "Accepted", Status: "False" }),
            "an invalid watch without a restart under way"
        );
        Assert.Equal(RestartResult.Ineffective, status.LastRestart!.Result);
        Assert.Contains(
            "spec.clearBelowPercent",
            status.Conditions!.First(c => c.Type == "Accepted").Message,
            StringComparison.Ordinal
        );
    }
}
