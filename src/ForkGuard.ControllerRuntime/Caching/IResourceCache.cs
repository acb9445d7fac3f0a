namespace ForkGuard.ControllerRuntime;

/// <summary>The objects of a kind as the API server last sent them. Reading never waits and never calls the server.</summary>
public interface IResourceCache<T>
    where T : class
{
    /// <summary>A whole list was taken in once. Before that, an absence proves nothing.</summary>
    bool IsSynced { get; }

    /// <summary>Null if there is none.</summary>
#pragma warning disable CA1716 // Get is a keyword of Visual Basic, which does not use this interface.
    T? Get(ResourceKey key);
#pragma warning restore CA1716

    /// <summary>All of them, as of now; later changes do not show in it.</summary>
    IReadOnlyCollection<T> List();

    /// <summary>Those for which the index gave this value.</summary>
    /// <exception cref="ArgumentException">The cache has no index of this name.</exception>
    IReadOnlyCollection<T> ByIndex(string index, string value);
}
