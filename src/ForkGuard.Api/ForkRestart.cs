namespace ForkGuard.Api;

/// <summary>The restart record of one workload. The controller writes it; it outlives every watch.</summary>
/// <remarks>The generated JSON code sets what is absent to null; the accessors keep the names even so.</remarks>
public sealed record ForkRestart
{
    public string ApiVersion
    {
        get;
        init => field = value ?? ForkGuardApi.ApiVersion;
    } = ForkGuardApi.ApiVersion;
    public string Kind
    {
        get;
        init => field = value ?? ForkGuardApi.ForkRestartKind;
    } = ForkGuardApi.ForkRestartKind;
    public ObjectMeta? Metadata { get; init; }
    public required ForkRestartSpec Spec { get; init; }
    public ForkRestartStatus? Status { get; init; }
}

/// <summary>The workload that a record belongs to; it never changes.</summary>
public sealed record ForkRestartSpec
{
    public required RestartOwner Owner { get; init; }
}

/// <summary>The top owner of pods: a Deployment, not its ReplicaSet.</summary>
public sealed record RestartOwner
{
    /// <summary>Such as <c>apps/v1</c>; the version is that of the first restart and identifies nothing.</summary>
    public required string ApiVersion { get; init; }
    public required string Kind { get; init; }
    public required string Name { get; init; }
}

/// <summary>The state of a record. Every time in it is of the API server's clock.</summary>
public sealed record ForkRestartStatus
{
    /// <summary>Absent counts as <see cref="RestartState.Idle"/>.</summary>
    public OpenEnum<RestartState>? State { get; init; }

    /// <summary>InProgress and Helped.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }

    /// <summary>The pod of the restart in progress, otherwise of the last restart.</summary>
    public PodReference? Pod { get; init; }

    /// <summary>Result of the last restart; absent before the first one ended.</summary>
    public OpenEnum<RestartResult>? Result { get; init; }

    /// <summary>The value of the last restart; absent before the first one.</summary>
    public RestartCooldown? Cooldown { get; init; }

    /// <summary>
    /// The owners between the restarted pods and the workload, such as a ReplicaSet, those of the last decision first, at most 16. If
    /// the workload goes and leaves one of them, the record blocks restarts of that one.
    /// </summary>
    public IReadOnlyList<RestartOwner>? OwnersBelow { get; init; }

    /// <summary>The restart in progress; absent when <see cref="State"/> is Idle.</summary>
    public RestartRun? Restart { get; init; }

    /// <summary>Past restarts, newest first, at most 48.</summary>
    public IReadOnlyList<PastRestart>? History { get; init; }

    /// <summary>The controller that wrote the record last.</summary>
    public RestartWriter? Writer { get; init; }
}

/// <summary>The steps of a restart.</summary>
public enum RestartState
{
    /// <summary>No restart is in progress.</summary>
    Idle,

    /// <summary>The pod is chosen; the API server was not called.</summary>
    Decided,

    /// <summary>The API server is being called; its answer is not known.</summary>
    Called,

    /// <summary>The API server accepted the call; a Ready replacement is awaited.</summary>
    Replacing,

    /// <summary>The replacement is Ready; it must stay below <c>actAtPercent</c>.</summary>
    Proving,
}

/// <summary>Outcomes of a restart.</summary>
public enum RestartResult
{
    /// <summary>The replacement stayed below <c>actAtPercent</c>.</summary>
    Helped,

    /// <summary>The replacement reached <c>actAtPercent</c> again.</summary>
    DidNotHelp,

    /// <summary>No report, or a changed mode or limit: nothing is proven.</summary>
    Unproven,

    /// <summary>No replacement was Ready in time.</summary>
    NotReplaced,

    /// <summary>The workload was changed or scaled down during the restart.</summary>
    Superseded,

    /// <summary>The API server gave no usable answer, and the pod is still there: its call may be repeated during the cooldown.</summary>
    CallFailed,

    /// <summary>The API server refused the call: nothing was done.</summary>
    Refused,

    /// <summary>The workload was deleted during the restart.</summary>
    OwnerGone,
}

/// <summary>The time in which no pod of the workload is restarted.</summary>
public sealed record RestartCooldown
{
    /// <summary>When the API server was last called for the restart; before the first call, when it was decided.</summary>
    public required DateTimeOffset Since { get; init; }
    public required DateTimeOffset Until { get; init; }

    /// <summary>The watch with the longest cooldown, as in <c>ForkWatch shop/redis</c>.</summary>
    public required string Watch { get; init; }
}

/// <summary>A term of a leader: nobody else writes the same three values.</summary>
public sealed record RestartWriter
{
    /// <summary>The namespace of the Lease.</summary>
    public required string LeaseNamespace { get; init; }
    public required string LeaseUid { get; init; }

    /// <summary>How often the Lease changed hands; grows with every term.</summary>
    public required int LeaseTransitions { get; init; }

    /// <summary>The pod and a random value for each process.</summary>
    public required string Identity { get; init; }
}

/// <summary>A restart that ended.</summary>
public sealed record PastRestart
{
    public required PodReference Pod { get; init; }
    public string? Node { get; init; }

    /// <summary>The watch that asked for it, as in <c>ForkWatch shop/redis</c>.</summary>
    public required string Watch { get; init; }
    public OpenEnum<RestartMethod> Method { get; init; }
    public required DateTimeOffset DecidedTime { get; init; }
    public required DateTimeOffset EndedTime { get; init; }

    /// <summary>The process, its constraint and its level, in a sentence.</summary>
    public string? Reason { get; init; }
    public required OpenEnum<RestartResult> Result { get; init; }

    /// <summary>One sentence.</summary>
    public string? Message { get; init; }
}
