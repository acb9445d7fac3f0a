using System.Net;
using System.Text.Json.Nodes;
using k8s.Autorest;

namespace ForkGuard.ControllerRuntime;

/// <summary>Reads and writes the one lease that an election is about.</summary>
internal sealed class LeaseClient(ApiClient client, LeaderElectionOptions options, TimeProvider time)
{
    private readonly string _collection = $"apis/coordination.k8s.io/v1/namespaces/{options.Namespace}/leases";

    private string Path => $"{_collection}/{options.Name}";

    /// <summary>Null if there is none.</summary>
    public async Task<Lease?> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Lease.Of(await client.CallAsync(HttpMethod.Get, Path, body: null, cancellationToken));
        }
        catch (HttpOperationException missing) when (missing.Is(HttpStatusCode.NotFound))
        {
            return null;
        }
    }

    /// <summary>Null if there is one already.</summary>
    public Task<Lease?> CreateAsync(CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Post, _collection, Lease.New(options, MicroTime.Now(time)), cancellationToken);

    /// <summary>Null if it changed or went since it was read.</summary>
    public Task<Lease?> AcquireAsync(Lease lease, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Put, Path, lease.Acquired(options, MicroTime.Now(time)), cancellationToken);

    /// <inheritdoc cref="AcquireAsync"/>
    public Task<Lease?> RenewAsync(Lease lease, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Put, Path, lease.Renewed(options, MicroTime.Now(time)), cancellationToken);

    /// <inheritdoc cref="AcquireAsync"/>
    public Task<Lease?> ReleaseAsync(Lease lease, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Put, Path, lease.Released(MicroTime.Now(time)), cancellationToken);

    /// <inheritdoc cref="AcquireAsync"/>
    public Task<Lease?> CountAsync(Lease lease, int transitions, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Put, Path, lease.Counted(transitions), cancellationToken);

    private async Task<Lease?> WriteAsync(
        HttpMethod method,
        string path,
        JsonObject body,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return Lease.Of(await client.CallAsync(method, path, body, cancellationToken));
        }
        catch (HttpOperationException refused)
            when (refused.Is(HttpStatusCode.Conflict)
                || (method == HttpMethod.Put && refused.Is(HttpStatusCode.NotFound))
            )
        {
            return null;
        }
    }
}
