namespace ForkGuard.ControllerRuntime;

/// <summary>The objects at one place of an index, at least one. Most places have just one, for which a set is larger than all else of it.</summary>
/// <param name="Only">The one object; without meaning where there are several.</param>
/// <param name="All">All objects where there are several; otherwise null.</param>
internal readonly record struct IndexedKeys(ResourceKey Only, HashSet<ResourceKey>? All = null)
{
    public IEnumerable<ResourceKey> Keys => All ?? Enumerable.Repeat(Only, 1);

    public IndexedKeys With(ResourceKey key)
    {
        if (All is null)
        {
            return key == Only ? this : new(Only, [Only, key]);
        }

        All.Add(key);
        return this;
    }

    /// <summary>Returns null once no object is left.</summary>
    public IndexedKeys? Without(ResourceKey key)
    {
        if (All is null)
        {
            return key == Only ? null : this;
        }

        All.Remove(key);
        return All.Count == 0 ? null : this;
    }
}
