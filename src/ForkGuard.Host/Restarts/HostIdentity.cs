using ForkGuard.Api;

namespace ForkGuard.Host.Restarts;

/// <summary>This process on its machine.</summary>
/// <param name="Name">The name of the machine.</param>
/// <param name="Unit">The unit of this process; null if it runs in none.</param>
/// <param name="BootId">Another one for each start of the machine; null if it is not known.</param>
internal sealed record HostIdentity(string Name, string? Unit, string? BootId)
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

    /// <summary>Reads the id of this start of the machine; null if the kernel does not show it.</summary>
    internal static string? ReadBootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
