using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>One call of a restart has no ordinary answer; each call in turn.</summary>
public sealed class AnswerTests(FaultCluster cluster) : FaultTests(cluster)
{
    [Theory]
    [InlineData("500")]
    [InlineData("503", Explicit = true)]
    [InlineData("408", Explicit = true)]
    [InlineData("409", Explicit = true)]
    [InlineData("429", Explicit = true)]
    public Task A_refused_call_costs_no_restart_and_adds_none(string code) =>
        TryEachCallAsync($"{code} instead of an answer, at each call", code);

    [Theory]
    [InlineData("500 after the commit", Explicit = true)]
    [InlineData("connection reset after the commit")]
    [InlineData("call delayed by 5 s", Explicit = true)]
    [InlineData("answer delayed by 5 s", Explicit = true)]
    public Task A_call_with_a_lost_or_late_answer_costs_no_restart_and_adds_none(string fault) =>
        TryEachCallAsync($"{fault}, at each call", fault);

    private Task TryEachCallAsync(string name, string kind) => TryEachCallAsync(name, Answers.All[kind]);
}
