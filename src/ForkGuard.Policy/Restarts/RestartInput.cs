using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>Everything that one step of a restart depends on.</summary>
public sealed record RestartInput
{
    /// <summary>The record as it was just read; null if there is none.</summary>
    public required ForkRestartStatus? Record { get; init; }

    /// <summary>Its resource version; null if there is none.</summary>
    public string? Version { get; init; }

    /// <summary>When the record was created; null if there is none.</summary>
    public DateTimeOffset? CreatedTime { get; init; }

    /// <summary>The wanted restart; null if nobody wants one now.</summary>
    public RestartRequest? Request { get; init; }
    public required RestartFacts Facts { get; init; }

    /// <summary>The answer to the call that the last step asked for; null if it asked for none.</summary>
    public CallAnswer? Answer { get; init; }

    /// <summary>This term.</summary>
    public required RestartWriter Writer { get; init; }
    public RestartBudget Budget { get; init; } = RestartBudget.Default;
    public RestartTimes Times { get; init; } = new();

    /// <summary>The time of the API server.</summary>
    public required DateTimeOffset Now { get; init; }

    internal GateInput GateInput(RestartRequest request) =>
        new(Record, request, Facts, Budget, Now) { Version = Version };

    /// <summary>The request is that of the restart in progress.</summary>
    internal bool AsksForRun => Request is { } request && RestartRecords.IsOf(Record, request);

    /// <summary>This term wrote the record last.</summary>
    internal bool IsOurs => Record?.Writer == Writer;
}

/// <summary>The result of one step: at most one write, and after it at most one call.</summary>
public sealed record RestartStep
{
    /// <summary>The record to write with the resource version that was read; null writes nothing.</summary>
    public ForkRestartStatus? Put { get; init; }

    /// <summary>Once <see cref="Put"/> is written: evict or delete its pod, and step again with the answer.</summary>
    public bool Call { get; init; }

    /// <summary>Once <see cref="Put"/> is written: read everything again and step again.</summary>
    public bool Continue { get; init; }

    /// <summary>The record was written in a later term of the same Lease: this term is over.</summary>
    public bool EndsTerm { get; init; }

    /// <summary>Delete the record.</summary>
    public bool Remove { get; init; }

    /// <summary>Reasons for which the wanted restart is not done; empty if it is, or if none is wanted.</summary>
    public IReadOnlyList<RestartBlock> Blocks { get; init; } = [];

    /// <summary>When to step again even if nothing changes; null for no such time.</summary>
    public DateTimeOffset? Again { get; init; }
}

/// <summary>The API server's answer to an eviction or a deletion.</summary>
/// <param name="Kind">Meaning of the answer.</param>
/// <param name="Message">In its own words; empty if accepted.</param>
public sealed record CallAnswer(CallAnswerKind Kind, string Message);

/// <summary>Meaning of an answer.</summary>
public enum CallAnswerKind
{
    Accepted,

    /// <summary>404, or 409 for the uid: the pod is gone, unless it is there when it is read after the call.</summary>
    Gone,

    /// <summary>429 of a disruption budget: nothing was done.</summary>
    DisruptionBudget,

    /// <summary>Another 429: nothing was done.</summary>
    Throttled,

    /// <summary>Another 4xx: nothing was done.</summary>
    Refused,

    /// <summary>5xx, 408, another 409, or no answer: it may have been done.</summary>
    Unknown,
}
