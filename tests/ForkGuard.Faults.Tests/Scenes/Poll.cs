using k8s.Autorest;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>A wait for an API server that may be away.</summary>
internal static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks until it holds.</summary>
    /// <exception cref="TimeoutException">It did not within the limit.</exception>
    internal static Task HoldsAsync(Func<Task<bool>> holds, string description, TimeSpan within) =>
        Condition.HoldsAsync(
            async token =>
            {
                try
                {
                    if (await holds())
                    {
                        return true;
                    }
                }
                catch (Exception failed)
                    when (failed
                            is HttpOperationException
                                or HttpRequestException
                                or IOException
                                or TaskCanceledException
                    )
                {
                    // The API server is away, and answers that at once.
                    await Task.Delay(Pause, token);
                }

                return false;
            },
            description,
            within,
            TestContext.Current.CancellationToken
        );
}
