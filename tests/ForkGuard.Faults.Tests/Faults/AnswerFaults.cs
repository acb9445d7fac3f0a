using ForkGuard.Api;
using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>One call of a restart has no ordinary answer; each call in turn.</summary>
[Trait("Needs", "Machine")]
public sealed class AnswerFaults(FaultCluster cluster)
{
    // Events and statuses are never waited for, so that the calls of a restart are few.
    private const int MaxCalls = 200;

    public static TheoryData<string> Kinds => [.. Answers.All.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task One_call_without_an_ordinary_answer_costs_no_restart_and_adds_none(string kind)
    {
        var row = new FaultRow($"an answer that is {kind}, at each call");
        await using var replica = new Replica(cluster.Plane, cluster.First);
        if (!Extent.IsWhole)
        {
            await TryAsync(row, replica, new CallPoint(null, Step.All["call"], Answers.All[kind]));
            row.End();
            return;
        }

        for (var index = 0; index < MaxCalls; index++)
        {
            var point = new CallPoint(index, null, Answers.All[kind]);
            await TryAsync(row, replica, point);
            if (point.Hit is null)
            {
                break;
            }
        }

        row.End();
    }

    private async Task TryAsync(FaultRow row, Replica replica, CallPoint point)
    {
        await using var story = await Story.BeginAsync(cluster);
        replica.Fault = point;
        story.Leak();
        row.Add(await story.EndAsync(cluster.First, RestartResult.Helped), point.Hit);
        replica.Fault = null;
    }
}
