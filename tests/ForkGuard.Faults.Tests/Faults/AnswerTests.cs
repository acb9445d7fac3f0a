using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>One call of a restart has no ordinary answer; each call in turn.</summary>
public sealed class AnswerTests(FaultCluster cluster) : FaultTests(cluster)
{
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

    private Task TryEachCallAsync(string name, string kind)
    {
        Assert.SkipUnless(Extent.IsWhole || kind is "500" or "connection reset after the commit", Extent.NotInSample);
        return TryEachCallAsync(name, Answers.All[kind]);
    }
}
