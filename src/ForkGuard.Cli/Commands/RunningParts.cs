namespace ForkGuard.Cli.Commands;

/// <summary>Parts of a program that run side by side.</summary>
internal static class RunningParts
{
    /// <summary>Runs all until they are stopped. The first that ends or fails ends the others, and the program with its error.</summary>
    internal static async Task UntilStoppedAsync(
        CancellationToken stop,
        params IReadOnlyList<Func<CancellationToken, Task>> parts
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = parts.Select(part => Task.Run(() => part(end.Token), CancellationToken.None)).ToList();
        await Task.WhenAny(running);
        await end.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.Find(part => part.IsFaulted) is { } failed)
        {
            await failed;
        }
    }
}
