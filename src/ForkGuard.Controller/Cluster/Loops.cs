namespace ForkGuard.Controller.Cluster;

/// <summary>Runs loops side by side.</summary>
internal static class Loops
{
    /// <summary>Ends when all have ended; the first that fails ends the others, and its exception is thrown.</summary>
    internal static async Task RunAsync(
        IReadOnlyCollection<Func<CancellationToken, Task>> loops,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = loops.Select(loop => loop(stop.Token)).ToList();
        var first = await Task.WhenAny(running);
        await stop.CancelAsync();
        try
        {
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException) when (!first.IsCanceled)
        {
            await first;
        }
    }
}
