using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Records that were written under another Lease.</summary>
public sealed class LeaseTests
{
    private const string Pod = CoordinatorScene.Pods + "redis-1-a";

    [Fact]
    public async Task A_record_of_a_Lease_that_is_gone_is_taken_over_by_the_holder_of_this_one()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.AddLease("forkguard", CoordinatorScene.LeaseUid, "pod-1");
        await ReplaceUnderOtherLeaseAsync(scene);

        await scene.FollowAsync();

        Assert.Equal(RestartState.Proving, scene.Status?.State);
        Assert.Equal(
            ("forkguard", CoordinatorScene.LeaseUid),
            (scene.Status?.Writer?.LeaseNamespace, scene.Status?.Writer?.LeaseUid)
        );
    }

    [Theory]
    [InlineData(CoordinatorScene.LeaseUid, "pod-2")]
    [InlineData("lease-3", "pod-1")]
    public async Task A_record_of_a_Lease_that_is_gone_stays_while_this_one_has_another_holder(
        string uid,
        string holder
    )
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.AddLease("forkguard", uid, holder);
        await ReplaceUnderOtherLeaseAsync(scene);

        await scene.FollowAsync();

        Assert.Equal(("Replacing", "lease-9"), (scene.Status?.State?.Text, scene.Status?.Writer?.LeaseUid));
        Assert.True(scene.Term.IsCurrent);
    }

    [Fact]
    public async Task A_record_of_another_installation_blocks_the_restart_as_Conflict()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.AddLease("forkguard", CoordinatorScene.LeaseUid, "pod-1");
        scene.AddLease("other", "lease-9", "pod-9");
        await ReplaceUnderOtherLeaseAsync(scene);
        scene.Api.Change(
            CoordinatorScene.RecordPath,
            record =>
            {
                record["status"]!["state"] = "Idle";
                record["status"]!.AsObject().Remove("restart");
                record["status"]!.AsObject().Remove("cooldown");
            }
        );
        await scene.ReportAsync(("redis-1-b", 95));

        var block = (await scene.DecideAsync("redis-1-b"))[0];

        Assert.Equal(BlockReason.Conflict, block.Reason);
        Assert.Contains("pod-9", block.Message, StringComparison.Ordinal);
        Assert.Single(scene.Evicted);
    }

    private static async Task ReplaceUnderOtherLeaseAsync(CoordinatorScene scene)
    {
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(Pod);
        scene.AddPod("redis-1-c");
        scene.Api.Change(
            CoordinatorScene.RecordPath,
            record =>
            {
                record["status"]!["writer"]!["leaseUid"] = "lease-9";
                record["status"]!["writer"]!["leaseNamespace"] = "other";
            }
        );
    }
}
