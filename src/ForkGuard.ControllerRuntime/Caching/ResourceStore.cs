namespace ForkGuard.ControllerRuntime;

/// <summary>The objects and their indexes; returns what each step changed. One writer, any number of readers.</summary>
internal sealed class ResourceStore<T>(Func<T, ResourceIdentity> identify, ResourceCacheOptions<T> options)
    where T : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceKey, T> _objects = [];
    private readonly Dictionary<(string Index, string Value), IndexedKeys> _found = [];

    public T? Get(ResourceKey key)
    {
        lock (_gate)
        {
            return _objects.GetValueOrDefault(key);
        }
    }

    public IReadOnlyCollection<T> List()
    {
        lock (_gate)
        {
            return [.. _objects.Values];
        }
    }

    public IReadOnlyCollection<T> ByIndex(string index, string value)
    {
        if (!options.Indexes.ContainsKey(index))
        {
            throw new ArgumentException($"There is no index {index}: name it in the cache's options.", nameof(index));
        }

        lock (_gate)
        {
            return _found.TryGetValue((index, value), out IndexedKeys found)
                ? [.. found.Keys.Select(key => _objects[key])]
                : [];
        }
    }

    /// <summary>The objects that it holds, as additions.</summary>
    public IReadOnlyList<ResourceChange<T>> AsAdded()
    {
        lock (_gate)
        {
            return [.. _objects.Select(held => new ResourceChange<T>(held.Key, Old: null, held.Value))];
        }
    }

    /// <summary>Takes in the whole of what there is: what is not among it went.</summary>
    public IReadOnlyList<ResourceChange<T>> Replace(IReadOnlyCollection<T> objects)
    {
        lock (_gate)
        {
            HashSet<ResourceKey> present = [.. objects.Select(held => identify(held).Key)];
            List<ResourceChange<T>> changes = [];
            foreach (ResourceKey gone in _objects.Keys.Where(key => !present.Contains(key)).ToList())
            {
                RemoveLocked(gone, changes);
            }

            foreach (T held in objects)
            {
                PutLocked(held, changes);
            }

            return changes;
        }
    }

    public IReadOnlyList<ResourceChange<T>> Put(T held)
    {
        lock (_gate)
        {
            List<ResourceChange<T>> changes = [];
            PutLocked(held, changes);
            return changes;
        }
    }

    public IReadOnlyList<ResourceChange<T>> Remove(ResourceKey key)
    {
        lock (_gate)
        {
            List<ResourceChange<T>> changes = [];
            RemoveLocked(key, changes);
            return changes;
        }
    }

    private void PutLocked(T held, List<ResourceChange<T>> changes)
    {
        ResourceIdentity identity = identify(held);
        T? old = _objects.GetValueOrDefault(identity.Key);
        if (old is not null)
        {
            ResourceIdentity before = identify(old);
            if (before == identity)
            {
                return;
            }

            Unindex(identity.Key, old);
            if (before.Uid != identity.Uid)
            {
                changes.Add(new(identity.Key, old, New: null));
                old = null;
            }
            else if (options.Share is { } share)
            {
                held = share(old, held);
            }
        }

        _objects[identity.Key] = held;
        foreach ((string, string) place in Places(held))
        {
            _found[place] = _found.TryGetValue(place, out IndexedKeys found)
                ? found.With(identity.Key)
                : new IndexedKeys(identity.Key);
        }

        changes.Add(new(identity.Key, old, held));
    }

    private void RemoveLocked(ResourceKey key, List<ResourceChange<T>> changes)
    {
        if (_objects.Remove(key, out T? old))
        {
            Unindex(key, old);
            changes.Add(new(key, old, New: null));
        }
    }

    private void Unindex(ResourceKey key, T old)
    {
        foreach ((string, string) place in Places(old))
        {
            if (!_found.TryGetValue(place, out IndexedKeys found))
            {
                continue;
            }

            if (found.Without(key) is { } left)
            {
                _found[place] = left;
            }
            else
            {
                _found.Remove(place);
            }
        }
    }

    private IEnumerable<(string Index, string Value)> Places(T held) =>
        from index in options.Indexes
        from value in index.Value(held)
        select (index.Key, value);
}
