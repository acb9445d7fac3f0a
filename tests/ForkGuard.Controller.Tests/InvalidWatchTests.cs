using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>A watch that a server without CEL took, and the controller does not.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class InvalidWatchTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_watch_that_becomes_invalid_says_so_and_its_restart_under_way_is_seen_through()
    {
        Assert.SkipWhen(cluster.HasCel, "this server refuses an invalid watch itself");
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");

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
            s => (s.Conditions ?? []).Any(c => c is { Type: "Accepted", Status: "False" }),
            "an invalid watch"
        );
        Assert.Contains(
            "spec.clearBelowPercent",
            status.Conditions!.First(c => c.Type == "Accepted").Message,
            StringComparison.Ordinal
        );
        await stage.FinishAsync(pods[0]);
        await stage.RunPodsAsync(2);
        agent.Processes = [];
        await stage.RecordAsync(r => r.Result == RestartResult.Helped, "a restart that helped");
    }
}
