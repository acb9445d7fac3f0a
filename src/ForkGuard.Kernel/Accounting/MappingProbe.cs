using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Accounting;

/// <summary>Asks the kernel itself, by mapping without touching.</summary>
public static class MappingProbe
{
    /// <summary>
    /// Maps so many bytes (private, anonymous, writable) and unmaps them at once. In mode 0 the kernel holds them against
    /// the same limit as a fork of one such mapping. Not for mode 2, where it would raise Committed_AS for everyone.
    /// </summary>
    /// <returns>0 if granted, otherwise the errno of mmap(2), such as 12 (ENOMEM).</returns>
    public static int Map(ulong bytes) => Libc.MapAndUnmap(bytes);
}
