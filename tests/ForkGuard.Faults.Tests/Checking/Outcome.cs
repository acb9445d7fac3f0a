namespace ForkGuard.Faults.Tests.Checking;

/// <summary>One story, as counted.</summary>
internal sealed record Outcome
{
    /// <summary>Pods that ForkGuard restarted.</summary>
    public required int Restarts { get; init; }

    /// <summary>Restarts of pods that were not at risk, or while a gate said no.</summary>
    public required IReadOnlyList<string> False { get; init; }

    /// <summary>Restarts of a workload within the cooldown of another one.</summary>
    public required IReadOnlyList<string> Double { get; init; }

    /// <summary>Leaks that are not restarted, records that do not end, and restarts without a record.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    /// <summary>Results that the story rules out.</summary>
    public required IReadOnlyList<string> Unexpected { get; init; }

    /// <summary>Results of the restarts.</summary>
    public required IReadOnlyList<string> Results { get; init; }

    /// <summary>From the end of the fault to the end of the restart.</summary>
    public required TimeSpan Recovery { get; init; }

    internal IEnumerable<string> Defects =>
        [
            .. False.Select(text => "false: " + text),
            .. Double.Select(text => "double: " + text),
            .. Lost.Select(text => "lost: " + text),
            .. Unexpected.Select(text => "result: " + text),
        ];
}
