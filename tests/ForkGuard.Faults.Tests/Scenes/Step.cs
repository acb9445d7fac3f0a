using ForkGuard.Faults.Tests.Faults;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>Before or after a step's first call.</summary>
internal sealed record StepPlace(string Step, bool IsAfter)
{
    public override string ToString() => $"{(IsAfter ? "after" : "before")} {Step}";
}

/// <summary>The calls that carry a restart from one state to the next.</summary>
internal static class Step
{
    internal static IReadOnlyDictionary<string, Func<Call, bool>> All { get; } =
        new Dictionary<string, Func<Call, bool>>(StringComparer.Ordinal)
        {
            ["create"] = call =>
                call.Request.Method == HttpMethod.Post && call.Path.EndsWith("/forkrestarts", StringComparison.Ordinal),
            ["trial"] = call => call.IsTrial,
            ["Decided"] = call => call.Records("Decided"),
            ["Called"] = call => call.Records("Called"),
            ["call"] = call => call.IsEviction,
            ["Replacing"] = call => call.Records("Replacing"),
            ["Proving"] = call => call.Records("Proving"),
            ["Idle"] = call => call.Records("Idle"),
        };

    /// <summary>Both sides of every step; in a sample, one.</summary>
    internal static IReadOnlyList<StepPlace> Places(StepPlace sample) =>
        Extent.IsWhole
            ?
            [
                .. All
                    .Keys.SelectMany(step => (StepPlace[])[new(step, IsAfter: false), new(step, IsAfter: true)])
                    .Where((_, number) => number % Extent.Stride == 0),
            ]
            : [sample];
}
