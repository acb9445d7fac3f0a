using k8s.Autorest;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>A wait for an API server that may be away.</summary>
internal static class Poll
{
    /// <summary>Asks until it holds.</summary>
    /// <exception cref="TimeoutException">It did not within the limit.</exception>
    internal static Task HoldsAsync(Func<Task<bool>> holds, string description, TimeSpan within) =>
        Condition.HoldsAsync(
            async _ =>
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
                    // The API server is away.
                }

                return false;
            },
            description,
            within,
            TestContext.Current.CancellationToken
        );
}
