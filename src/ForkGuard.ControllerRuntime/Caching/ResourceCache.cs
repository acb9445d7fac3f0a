namespace ForkGuard.ControllerRuntime;

/// <summary>
/// Holds the objects of a kind by a list and then a watch, for as long as it runs. Whatever way a watch ends, the cache catches
/// up with what was missed; what went meanwhile is noticed.
/// </summary>
public sealed class ResourceCache<T> : IResourceCache<T>, ICacheHealth
    where T : class
{
    public ResourceCache(
        ApiClient client,
        ResourceKind<T> kind,
        ResourceCacheOptions<T> options,
        RuntimeServices services
    ) { }

    public string Name => throw new NotSupportedException();
    public bool IsSynced => throw new NotSupportedException();
    public TimeSpan? DisconnectedFor => throw new NotSupportedException();

    public T? Get(ResourceKey key) => throw new NotSupportedException();

    public IReadOnlyCollection<T> List() => throw new NotSupportedException();

    public IReadOnlyCollection<T> ByIndex(string index, string value) => throw new NotSupportedException();

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>
    /// Calls the handler for every change from now on, one at a time and in order, after the cache has taken it in; what is held
    /// already is told first, as having come. An object replaced by another of its name is one that went and one that came. A
    /// handler is quick (it adds a key to a queue) and throws nothing: an exception ends <see cref="RunAsync"/>.
    /// </summary>
    public void OnChanged(Action<ResourceChange<T>> handler) => throw new NotSupportedException();

    /// <summary>Lists and watches until cancelled. Failures of the API server never end it.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
