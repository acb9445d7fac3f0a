namespace ForkGuard.Testing;

/// <summary>Ends a wait that takes too long, and says what was waited for.</summary>
internal static class TimeLimit
{
    /// <summary>Waits for the work; at most as long as a victim may take to answer, unless told otherwise.</summary>
    /// <exception cref="TimeoutException">With what was awaited, as it is then.</exception>
    public static async Task EnforceAsync(
        Func<CancellationToken, Task> work,
        Func<string> awaited,
        CancellationToken cancellationToken,
        TimeSpan? within = null
    )
    {
        TimeSpan limit = within ?? Victim.Limit;
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(limit);
        try
        {
            await work(late.Token);
        }
        catch (OperationCanceledException expired) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Not within {limit.TotalSeconds} s: {awaited()}", expired);
        }
    }
}
