using System.Text.Json.Nodes;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>A process of a pod whose verdict is compared with its fork.</summary>
/// <param name="Program">The process.</param>
/// <param name="Constraint">The constraint that decides.</param>
/// <param name="Error">The errno of the fork, 0 if it succeeds, or <see cref="ProgramInPod.Killed"/>.</param>
internal sealed record NodeTrial(ProgramInPod Program, string Constraint, int Error)
{
    private const string CanFork = nameof(CanFork);
    private const string CannotFork = nameof(CannotFork);

    /// <summary>Usage that check lists; null where it is an estimate.</summary>
    public long? Used { get; init; }

    /// <summary>Limit that check lists; null where it is an estimate, or where no limit applies.</summary>
    public long? Limit { get; init; }

    public string? Scope { get; init; }

    /// <summary>The report of the node has the refusal too.</summary>
    public bool IsReported { get; init; }

    /// <summary>The kernel exposes nothing that decides: Unknown is a right verdict too.</summary>
    public bool MayBeUnknown { get; init; }

    private bool IsRefused => Error != Errno.None;

    /// <summary>
    /// Runs one check about all processes, waits for the report where a trial has <see cref="IsReported"/>, lets each process
    /// fork, and asserts that no verdict is wrong.
    /// </summary>
    public static async Task AssertRightAsync(
        CancellationToken cancellationToken,
        params IReadOnlyList<NodeTrial> trials
    )
    {
        IReadOnlyList<JsonNode> verdicts = await AgentCheck.RunAsync(
            [.. trials.Select(trial => trial.Program.Pid)],
            cancellationToken
        );
        foreach (NodeTrial trial in trials.Where(trial => trial is { IsReported: true, IsRefused: true }))
        {
            await trial.BecomeReportedAsync(cancellationToken);
        }

        List<string> wrong = [];
        foreach ((NodeTrial trial, JsonNode verdict) in trials.Zip(verdicts))
        {
            int error = await trial.Program.ForkAsync(cancellationToken);
            if (error != trial.Error || !trial.IsRight(verdict))
            {
                wrong.Add($"{trial}: the fork gave {error}; the verdict was {verdict.ToJsonString()}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private async Task BecomeReportedAsync(CancellationToken cancellationToken) =>
        await Node.ProcessAsync(
            process =>
                Is(process["pod"]?["name"], Program.Pod)
                && Is(process["container"]?["name"], Program.Container)
                && Is(process["bindingConstraint"], Constraint)
                && Is(process["verdict"], CannotFork),
            $"{Constraint} of {Program.Pod}, {Program.Container}",
            cancellationToken
        );

    private bool IsRight(JsonNode verdict)
    {
        if (MayBeUnknown && Is(verdict["verdict"], "Unknown"))
        {
            return true;
        }

        JsonNode? listed = Node.ConstraintOf(verdict, Constraint);
        return Is(verdict["verdict"], IsRefused ? CannotFork : CanFork)
            && (!IsRefused || Is(verdict["bindingConstraint"], Constraint))
            && (Used is null || (long?)listed?["used"] == Used)
            && (Limit is null || (long?)listed?["limit"] == Limit)
            && (Scope is null || Is(listed?["scope"], Scope));
    }

    private static bool Is(JsonNode? value, string text) =>
        string.Equals((string?)value, text, StringComparison.Ordinal);
}
