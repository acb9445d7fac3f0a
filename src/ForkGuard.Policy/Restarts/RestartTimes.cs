namespace ForkGuard.Policy.Restarts;

/// <summary>The times of a restart that no watch sets.</summary>
public sealed record RestartTimes
{
    /// <summary>After this a call has no answer any more.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A call without an answer is repeated for this long.</summary>
    public TimeSpan RepeatFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The pause before the first repetition, doubled for each one that follows, at most a minute.</summary>
    public TimeSpan RepeatAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Duration of the leader's lease.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Added to the grace period and the workload's progress deadline.</summary>
    public TimeSpan ReplaceWithin { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The most that counts of a grace period, and of a progress deadline: a restart holds its budget meanwhile.</summary>
    public TimeSpan MaxDeadline { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The shortest proof.</summary>
    public TimeSpan MinProof { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest proof.</summary>
    public TimeSpan MaxProof { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The time for which a replacement must stay below <c>actAtPercent</c>.</summary>
    public TimeSpan Proof(TimeSpan cooldown)
    {
        var proof = cooldown < MaxProof ? cooldown : MaxProof;
        return proof > MinProof ? proof : MinProof;
    }

    /// <summary>The time in which a replacement must be Ready.</summary>
    internal TimeSpan Replacement(TimeSpan grace, TimeSpan progressDeadline) =>
        Capped(grace) + Capped(progressDeadline) + ReplaceWithin;

    private TimeSpan Capped(TimeSpan deadline) => deadline < MaxDeadline ? deadline : MaxDeadline;

    internal TimeSpan Pause(int calls)
    {
        var pause = RepeatAfter * Math.Pow(2, Math.Clamp(calls - 1, 0, 10));
        return pause < TimeSpan.FromMinutes(1) ? pause : TimeSpan.FromMinutes(1);
    }
}
