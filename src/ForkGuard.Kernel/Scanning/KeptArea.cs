using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>A mapping whose flags were read from smaps.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">Address after the last.</param>
/// <param name="Permissions">As <see cref="MapsEntry.PermissionBits"/>.</param>
/// <param name="IsCharged">Fork charges it.</param>
internal readonly record struct KeptArea(ulong Start, ulong End, byte Permissions, bool IsCharged);
