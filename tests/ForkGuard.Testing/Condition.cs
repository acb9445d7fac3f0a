using System.Diagnostics;

namespace ForkGuard.Testing;

/// <summary>Something that comes true by itself, but tells nobody when.</summary>
public static class Condition
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Pauses take so many times as long as asking did, which may have run a whole program.</summary>
    private const int PausesPerAnswer = 2;

    /// <summary>Asks until it holds, at most as long as a victim may take to answer.</summary>
    public static Task HoldsAsync(
        Func<bool> holds,
        string description,
        CancellationToken cancellationToken = default
    ) => TimeLimit.EnforceAsync(token => AskAsync(holds, token), () => description, cancellationToken);

    /// <summary>Asks until it holds, where asking takes a while itself.</summary>
    public static Task HoldsAsync(
        Func<CancellationToken, Task<bool>> holds,
        string description,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default
    ) => TimeLimit.EnforceAsync(token => AskAsync(holds, token), () => description, cancellationToken, within);

    private static Task AskAsync(Func<bool> holds, CancellationToken cancellationToken) =>
        AskAsync(_ => Task.FromResult(holds()), cancellationToken);

    private static async Task AskAsync(Func<CancellationToken, Task<bool>> holds, CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        while (!await holds(cancellationToken))
        {
            var pause = PausesPerAnswer * Stopwatch.GetElapsedTime(asked);
            await Task.Delay(
                TimeSpan.FromTicks(Math.Clamp(pause.Ticks, Pause.Ticks, LongestPause.Ticks)),
                cancellationToken
            );
            asked = Stopwatch.GetTimestamp();
        }
    }
}
