namespace ForkGuard.ControllerRuntime;

/// <summary>Names an object among those of its kind.</summary>
/// <param name="Namespace">Empty for a cluster-scoped object.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ResourceKey(string Namespace, string Name)
{
    /// <summary><c>namespace/name</c>, or <c>name</c> when cluster-scoped.</summary>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}

/// <summary>Which object it is, and which state of it.</summary>
/// <param name="Key">Its namespace and name.</param>
/// <param name="Uid">Another object under the same name has another.</param>
/// <param name="ResourceVersion">Opaque: equal means unchanged, and nothing else can be read from it.</param>
public sealed record ResourceIdentity(ResourceKey Key, string Uid, string ResourceVersion);
