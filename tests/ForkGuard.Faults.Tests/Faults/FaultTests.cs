using ForkGuard.Api;
using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>Stories with one fault each.</summary>
[Collection(FaultCluster.OneAtATime)]
[Trait("Needs", "Machine")]
public abstract class FaultTests(FaultCluster cluster)
{
    /// <summary>
    /// A proof needs reports, which a fault may have kept away. A call whose controller lost its term fails if the next one is not
    /// in time to repeat it: the pod must then be restarted by another one.
    /// </summary>
    private protected static readonly RestartResult[] OfFault =
    [
        RestartResult.Helped,
        RestartResult.Unproven,
        RestartResult.CallFailed,
    ];

    private protected static readonly RestartResult[] Helped = [RestartResult.Helped];

    /// <summary>A workload or watch that changes meanwhile.</summary>
    private protected static readonly RestartResult[] OfChange =
    [
        RestartResult.Helped,
        RestartResult.Unproven,
        RestartResult.CallFailed,
        RestartResult.Superseded,
        RestartResult.OwnerGone,
    ];

    private protected FaultCluster Cluster => cluster;

    /// <summary>One story: a leak, the fault at its point, and what follows the fault.</summary>
    private protected async Task TryAsync(
        FaultRow row,
        Replica replica,
        CallPoint point,
        RestartResult[] expected,
        Func<Story, Task>? after = null,
        Story? begun = null,
        string? place = null
    )
    {
        await using var story = begun ?? await Story.BeginAsync(cluster);
        point.Ended = story.FaultEnds;
        replica.Stories.Add(story, point);
        story.Leak();
        if (after is not null)
        {
            await point.Met.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
            await after(story);
        }

        var outcome = await story.EndAsync(expected);
        replica.Stories.Remove(story);
        if (point.Hit is not null || outcome.Defects.Any())
        {
            row.Add(outcome, place ?? point.Hit ?? "without the fault");
        }
    }

    /// <summary>A story for each call, with the fault there.</summary>
    private protected async Task TryEachCallAsync(
        string name,
        Func<Call, CancellationToken, Task<HttpResponseMessage>> act,
        RestartResult[]? expected = null
    )
    {
        var row = new FaultRow(name);
        await using var replica = new Replica(cluster.Plane, cluster.First);
        foreach (var points in CallPoint.Each(act))
        {
            await Task.WhenAll(points.Select(point => TryAsync(row, replica, point, expected ?? OfFault)));
        }

        row.End();
    }

    /// <summary>A story for each side of each step, with the change there.</summary>
    private protected async Task TryEachStepAsync(
        string name,
        StepPlace sample,
        Func<Story, Call, Task> change,
        RestartResult[] expected,
        Func<Story, Task>? after = null,
        bool isStatefulSet = false
    )
    {
        var row = new FaultRow(name);
        await using var replica = new Replica(cluster.Plane, cluster.First);
        foreach (var places in Step.Places(sample).Chunk(Extent.AtOnce))
        {
            await Task.WhenAll(
                places.Select(async place =>
                {
                    var story = await Story.BeginAsync(cluster, isStatefulSet);
                    var point = CallPoint.At(place, call => change(story, call));
                    await TryAsync(row, replica, point, expected, after, story, place.ToString());
                })
            );
        }

        row.End();
    }
}
