using ForkGuard.Api;
using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>The workload or its node changes at a step of a restart.</summary>
public sealed class WorkloadTests(FaultCluster cluster) : FaultTests(cluster)
{
    private static readonly StepPlace AtTheCall = new("call", IsAfter: false);

    private static readonly TimeSpan NodeAway = TimeSpan.FromSeconds(3);

    [Fact(Explicit = true)]
    public async Task A_rollout_causes_no_false_restart()
    {
        await TryEachStepAsync("rollout, at each step", story => story.RollOutAsync(), OfChange);
    }

    [Fact(Explicit = true)]
    public async Task A_workload_that_is_scaled_down_causes_no_false_restart()
    {
        await TryEachStepAsync("scaled down to 2, at each step", story => story.ScaleAsync(2), OfChange);
    }

    [Fact(Explicit = true)]
    public async Task A_workload_that_opts_out_causes_no_false_restart()
    {
        await TryEachStepAsync(
            "workload opted out, at each step",
            async story =>
            {
                await story.OptOutAsync(isOut: true);
                story.Allowed.Forbid("opted out");
            },
            OfFault,
            async story =>
            {
                await story.AtRestAsync();
                story.Allowed.Allow();
                await story.OptOutAsync(isOut: false);
            }
        );
    }

    [Fact(Explicit = true)]
    public async Task A_node_that_is_deleted_and_made_again_loses_no_restart_and_adds_none()
    {
        await TryEachStepAsync(
            "node deleted and made again after 3 s, at each step",
            story => story.DeleteNodeAsync(),
            OfChange,
            async story =>
            {
                await Task.Delay(NodeAway);
                await story.CreateNodeAsync();
            }
        );
    }

    [Fact(Explicit = true)]
    public async Task A_pod_of_a_StatefulSet_is_restarted_once_under_its_name()
    {
        await TryEachStepAsync(
            "StatefulSet, the same name again; controller killed at each step",
            AtTheCall,
            (_, call) =>
            {
                call.Instance.Kill();
                return Task.CompletedTask;
            },
            OfFault,
            isStatefulSet: true
        );
    }

    [Fact(Explicit = true)]
    public async Task A_mode_that_changes_during_the_proof_is_no_proof()
    {
        var row = new FaultRow("node changes to mode 1 during the proof");
        await using var replica = new Replica(Cluster.Plane, Cluster.First);
        for (var count = 0; count < Extent.Tries(10); count++)
        {
            var story = await Story.BeginAsync(Cluster);
            var point = CallPoint.At(
                new StepPlace("Proving", IsAfter: true),
                _ =>
                {
                    story.Agent.OvercommitMode = 1;
                    return Task.CompletedTask;
                }
            );
            await TryAsync(row, replica, point, [RestartResult.Unproven], EndModeAsync, story, "after Proving");
        }

        row.End();
    }

    private static async Task EndModeAsync(Story story)
    {
        await story.AtRestAsync();
        story.Agent.OvercommitMode = 0;
        story.FaultEnds();
    }

    private Task TryEachStepAsync(
        string name,
        Func<Story, Task> change,
        RestartResult[] expected,
        Func<Story, Task>? undo = null
    ) =>
        TryEachStepAsync(
            name,
            AtTheCall,
            (story, _) => change(story),
            expected,
            async story =>
            {
                await (undo?.Invoke(story) ?? Task.CompletedTask);
                story.FaultEnds();
            }
        );
}
