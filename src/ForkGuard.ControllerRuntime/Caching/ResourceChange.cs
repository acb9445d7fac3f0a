namespace ForkGuard.ControllerRuntime;

/// <summary>An object came, changed or went.</summary>
/// <param name="Key">Which one.</param>
/// <param name="Old">Null if it came.</param>
/// <param name="New">Null if it went; <see cref="Old"/> is then its last known state.</param>
public sealed record ResourceChange<T>(ResourceKey Key, T? Old, T? New)
    where T : class;
