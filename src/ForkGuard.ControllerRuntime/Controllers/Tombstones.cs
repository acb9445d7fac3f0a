namespace ForkGuard.ControllerRuntime;

/// <summary>Deleted objects that the controller has not handled yet; several may have had one name.</summary>
internal sealed class Tombstones<TEntity>
    where TEntity : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceKey, Queue<TEntity>> _gone = [];

    public void Add(ResourceKey key, TEntity entity)
    {
        lock (_gate)
        {
            if (!_gone.TryGetValue(key, out Queue<TEntity>? queue))
            {
                _gone[key] = queue = new();
            }

            queue.Enqueue(entity);
        }
    }

    /// <summary>The one that went first; null if there is none.</summary>
    public TEntity? Peek(ResourceKey key)
    {
        lock (_gate)
        {
            return _gone.TryGetValue(key, out Queue<TEntity>? queue) ? queue.Peek() : null;
        }
    }

    /// <summary>The controller has handled the one that <see cref="Peek"/> gave.</summary>
    public void Remove(ResourceKey key)
    {
        lock (_gate)
        {
            Queue<TEntity> queue = _gone[key];
            queue.Dequeue();
            if (queue.Count == 0)
            {
                _gone.Remove(key);
            }
        }
    }
}
