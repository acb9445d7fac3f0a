namespace ForkGuard.ControllerRuntime;

/// <summary>How long a key that failed waits.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>After the first failure, doubled by each one that follows; default 50 ms.</summary>
    public TimeSpan MinDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Never longer than this; default 5 minutes.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>A key that a worker was given.</summary>
/// <param name="IsShutDown">There is no work any more, and no key.</param>
/// <param name="Key">To be given back by <see cref="WorkQueue{TKey}.Done"/>.</param>
public readonly record struct WorkItem<TKey>(bool IsShutDown, TKey Key);
