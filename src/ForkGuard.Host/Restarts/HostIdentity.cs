using ForkGuard.Api;

namespace ForkGuard.Host.Restarts;

/// <summary>This process on its machine.</summary>
/// <param name="Name">The name of the machine.</param>
/// <param name="Unit">The unit of this process; null if it runs in none.</param>
internal sealed record HostIdentity(string Name, string? Unit)
{
    /// <summary>Another one for each process: the call of an earlier process has no answer any more.</summary>
    internal RestartWriter Writer { get; } =
        new()
        {
            LeaseNamespace = "",
            LeaseUid = Name,
            LeaseTransitions = 0,
            Identity = Guid.NewGuid().ToString("N"),
        };
}
