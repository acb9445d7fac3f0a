namespace ForkGuard.ControllerRuntime;

/// <summary>
/// Lets reads pass, and a write only while this process leads; a write on its way when the term ends is cancelled. For the
/// client that a leader works with; the election itself needs another one.
/// </summary>
/// <param name="term">The current term; null if there is none.</param>
public sealed class LeaderWritesOnly(Func<LeaderTerm?> term) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (request.Method == HttpMethod.Get)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        LeaderTerm current = term() ?? throw new LeadershipLostException("Only a leader may write.");
        current.ThrowIfLost();
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken,
            current.Lost
        );
        try
        {
            return await base.SendAsync(request, either.Token);
        }
        catch (OperationCanceledException cancelled) when (current.Lost.IsCancellationRequested)
        {
            throw new LeadershipLostException("The term as leader ended during a write.", cancelled);
        }
    }
}
