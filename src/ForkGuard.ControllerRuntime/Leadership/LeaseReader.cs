using System.Collections.Concurrent;

namespace ForkGuard.ControllerRuntime;

/// <summary>Reads leases of one name in any namespace, and observes whether their holders are alive.</summary>
/// <param name="client">The server; its account may get the leases.</param>
/// <param name="options">Name and duration of the leases.</param>
/// <param name="time">The clock that observes.</param>
public sealed class LeaseReader(ApiClient client, LeaderElectionOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Namespace, string Uid), LeaseObservation> _observations = new();

    /// <summary>The holder of a lease that shows signs of life; null if there is no such lease, or nobody holds it.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="uid">Its uid.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <remarks>A holder that is seen for the first time counts as alive until its lease has run out under observation.</remarks>
    public async Task<string?> LiveHolderAsync(string ns, string uid, CancellationToken cancellationToken)
    {
        Lease? lease = await new LeaseClient(client, options with { Namespace = ns }, time).GetAsync(cancellationToken);
        if (lease is null || lease.Uid != uid)
        {
            _observations.TryRemove((ns, uid), out _);
            return null;
        }

        LeaseObservation observation = _observations.GetOrAdd(
            (ns, uid),
            _ => new LeaseObservation(time, options.LeaseDuration)
        );
        lock (observation)
        {
            return observation.IsFree(lease) ? null : lease.Holder;
        }
    }
}
