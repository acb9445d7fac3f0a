namespace ForkGuard.ControllerRuntime;

/// <summary>Has a controller work on the objects of a cache: cache, queue, workers.</summary>
public sealed class ControllerLoop<TEntity>
    where TEntity : class
{
    /// <param name="name">In logs, metrics and health.</param>
    /// <param name="cache">Its objects; run by the caller.</param>
    /// <param name="controller">What is done with them.</param>
    /// <param name="services">Clock, metrics, health, log.</param>
    /// <param name="options">How they are worked on.</param>
    public ControllerLoop(
        string name,
        ResourceCache<TEntity> cache,
        IEntityController<TEntity> controller,
        RuntimeServices services,
        ControllerLoopOptions? options = null
    ) { }

    /// <summary>Has an object reconciled though it did not change itself, because another one did.</summary>
    public void Enqueue(ResourceKey key) => throw new NotSupportedException();

    /// <summary>Has an object reconciled after a time.</summary>
    public void EnqueueAfter(ResourceKey key, TimeSpan delay) => throw new NotSupportedException();

    /// <summary>Waits for the caches, then works until cancelled. Once only.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
