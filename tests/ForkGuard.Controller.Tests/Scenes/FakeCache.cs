using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>A cache of what a test puts into it.</summary>
internal sealed class FakeCache<T>(Func<T, ResourceKey> keyOf, Func<T, string, IEnumerable<string>>? index = null)
    : IResourceCache<T>
    where T : class
{
    private readonly Dictionary<ResourceKey, T> _resources = [];

    public bool IsSynced => true;

    internal void Put(T resource) => _resources[keyOf(resource)] = resource;

    public T? Get(ResourceKey key) => _resources.GetValueOrDefault(key);

    public IReadOnlyCollection<T> List() => [.. _resources.Values];

    public IReadOnlyCollection<T> ByIndex(string index1, string value) =>
        [.. _resources.Values.Where(resource => index!(resource, index1).Contains(value, StringComparer.Ordinal))];
}
