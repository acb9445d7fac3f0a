namespace ForkGuard.Testing;

/// <summary>Something that comes true by itself, but tells nobody when.</summary>
public static class Condition
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks until it holds, at most as long as a victim may take to answer.</summary>
    public static Task HoldsAsync(
        Func<bool> holds,
        string description,
        CancellationToken cancellationToken = default
    ) => TimeLimit.EnforceAsync(token => AskAsync(holds, token), () => description, cancellationToken);

    private static async Task AskAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        while (!holds())
        {
            await Task.Delay(Pause, cancellationToken);
        }
    }
}
