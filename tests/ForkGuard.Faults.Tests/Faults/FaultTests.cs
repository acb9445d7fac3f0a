using ForkGuard.Api;
using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>Stories with one fault each.</summary>
[Collection(FaultCluster.OneAtATime)]
[Trait("Needs", "Machine")]
public abstract class FaultTests(FaultCluster cluster)
{
    /// <summary>A proof needs reports, which a fault may have kept away.</summary>
    private protected static readonly RestartResult[] HelpedOrUnproven = [RestartResult.Helped, RestartResult.Unproven];

    private protected static readonly RestartResult[] Helped = [RestartResult.Helped];

    /// <summary>A workload or watch that changes meanwhile.</summary>
    private protected static readonly RestartResult[] OfChange =
    [
        RestartResult.Helped,
        RestartResult.Unproven,
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
        replica.Fault = point;
        story.Leak();
        if (after is not null)
        {
            await point.Met.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            await after(story);
        }

        var outcome = await story.EndAsync(expected);
        replica.Fault = null;
        row.Add(outcome, place ?? point.Hit);
    }
}
