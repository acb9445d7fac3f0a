namespace ForkGuard.ControllerRuntime;

/// <summary>Which lease, and its times; the defaults are those of Kubernetes' own components.</summary>
public sealed record LeaderElectionOptions
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }

    /// <summary>Must be no other process's, nor that of this one's predecessor; default machine name and a random part.</summary>
    public string Identity { get; init; } = $"{Environment.MachineName}_{Guid.NewGuid():N}";

    /// <summary>Others wait this long after they read the last renewal; default 15 s.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A leader that could not renew for this long is none any more; default 10 s.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two tries to acquire or renew; default 2 s.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}
