namespace ForkGuard.ControllerRuntime;

/// <summary>Sees to it that at most one process leads, by a Lease of coordination.k8s.io/v1.</summary>
public sealed class LeaderElection
{
    private readonly ApiClient _client;
    private readonly LeaderElectionOptions _options;
    private readonly RuntimeServices _services;

    /// <exception cref="ArgumentException">The times are not LeaseDuration &gt; RenewDeadline &gt; RetryPeriod &gt; 0.</exception>
    public LeaderElection(ApiClient client, LeaderElectionOptions options, RuntimeServices services)
    {
        _client = client;
        _options = options;
        _services = services;
    }

    /// <summary>Null while another one leads, or nobody.</summary>
    public LeaderTerm? CurrentTerm { get; private set; }

    /// <summary>Waits until this process leads.</summary>
    public Task<LeaderTerm> WaitForTermAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Acquires the lease and renews it; see <see cref="RunAsync(Func{LeaderTerm, Task}, CancellationToken)"/>.</summary>
    public Task RunAsync(CancellationToken stop) =>
        RunAsync(static term => Task.Delay(Timeout.InfiniteTimeSpan, term.Lost), stop);

    /// <summary>
    /// Acquires the lease, leads, and renews it all the while. When told to stop it ends the term, waits for the work to end and
    /// then releases the lease, so that a successor acquires it at once.
    /// </summary>
    /// <param name="lead">What a leader does; ends soon after the term's <see cref="LeaderTerm.Lost"/>.</param>
    /// <param name="stop">Ends everything in good order.</param>
    /// <exception cref="LeadershipLostException">The lease could not be kept. It is not written again: end the process.</exception>
    public Task RunAsync(Func<LeaderTerm, Task> lead, CancellationToken stop) => throw new NotSupportedException();
}
