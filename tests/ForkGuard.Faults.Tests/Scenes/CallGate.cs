using ForkGuard.Controller.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>Sends a request of a controller on to the API server.</summary>
internal delegate Task<HttpResponseMessage> Forward();

/// <summary>One call of a controller.</summary>
/// <param name="Request">The request.</param>
/// <param name="Body">Its body; empty without one.</param>
/// <param name="Instance">The process that makes it.</param>
/// <param name="Forward">Sends it on.</param>
internal sealed record Call(HttpRequestMessage Request, string Body, Instance Instance, Forward Forward)
{
    internal string Path => Request.RequestUri!.AbsolutePath;

    internal bool IsStream => Request.RequestUri!.Query.Contains("watch=true", StringComparison.OrdinalIgnoreCase);

    internal bool IsOfLease => Path.Contains("/leases", StringComparison.Ordinal);

    internal bool IsEviction =>
        Request.Method == HttpMethod.Post && Path.EndsWith("/eviction", StringComparison.Ordinal) && !IsTrial;

    internal bool IsTrial => Body.Contains("dryRun", StringComparison.Ordinal);

    /// <summary>Whether the call writes a record in this state.</summary>
    internal bool Records(string state) =>
        Request.Method == HttpMethod.Put
        && Path.Contains("/forkrestarts/", StringComparison.Ordinal)
        && Body.Contains($"\"state\":\"{state}\"", StringComparison.Ordinal);

    /// <summary>The method, and the kind that is called for, without names.</summary>
    public override string ToString()
    {
        var parts = Path.Trim('/').Split('/');
        var rest =
            parts[0] == "api" ? parts[2..]
            : parts.Length > 3 ? parts[3..]
            : parts[^1..];
        rest = rest is ["namespaces", _, _, ..] ? rest[2..] : rest;
        var what =
            rest is [] ? "discovery"
            : rest.Length > 2 ? $"{rest[0]}/{rest[2]}"
            : rest[0];
        return $"{Request.Method} {what}{(IsTrial ? " (dry run)" : "")}";
    }
}

/// <summary>Stands between the controllers of a replica and the API server.</summary>
internal interface ICallFault
{
    Task<HttpResponseMessage> SendAsync(Call call, CancellationToken cancellationToken);
}

/// <summary>Cuts a killed controller off, holds a frozen one, and lets the faults of the replica meet the calls of others.</summary>
internal sealed class CallGate(Replica replica, Instance instance) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        CheckAlive();
        await instance.WhileFrozenAsync();
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(CancellationToken.None);
        var copy = RequestCopy.Of(request, body);
        var call = new Call(
            request,
            body,
            instance,
            () => base.SendAsync(instance.WasFrozen ? copy : request, instance.TokenOf(cancellationToken))
        );
        var answer = await (replica.Fault ?? replica.Stories).SendAsync(call, cancellationToken);
        await instance.WhileFrozenAsync();
        CheckAlive();
        return answer;
    }

    private void CheckAlive()
    {
        if (instance.IsDead)
        {
            throw new KilledException("killed by the test");
        }
    }
}
