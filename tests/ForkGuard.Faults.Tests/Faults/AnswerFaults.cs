using ForkGuard.Api;
using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>One call of a restart has no ordinary answer; each call in turn.</summary>
[Collection(FaultCluster.OneAtATime)]
[Trait("Needs", "Machine")]
public sealed class AnswerFaults(FaultCluster cluster)
{
    // Events and statuses are never waited for, so that the calls of a restart are few.
    private const int MaxCalls = 200;

    [Theory]
    [InlineData("500")]
    [InlineData("503")]
    [InlineData("408")]
    [InlineData("409")]
    [InlineData("429")]
    public Task A_refused_call_costs_no_restart_and_adds_none(string code) =>
        TryEachCallAsync($"{code} instead of an answer, at each call", code);

    [Theory]
    [InlineData("500 after the commit")]
    [InlineData("connection reset after the commit")]
    [InlineData("call delayed by 5 s")]
    [InlineData("answer delayed by 5 s")]
    public Task A_call_with_a_lost_or_late_answer_costs_no_restart_and_adds_none(string fault) =>
        TryEachCallAsync($"{fault}, at each call", fault);

    private async Task TryEachCallAsync(string name, string kind)
    {
        var row = new FaultRow(name);
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
        point.Ended = story.FaultEnds;
        replica.Fault = point;
        story.Leak();
        row.Add(await story.EndAsync(RestartResult.Helped), point.Hit);
        replica.Fault = null;
    }
}
