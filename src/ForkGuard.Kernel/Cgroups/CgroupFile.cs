using System.Text;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>A file that cgroups of a hierarchy have, such as <c>pids.max</c>. One instance for each name.</summary>
/// <param name="name">The file's name.</param>
/// <param name="unlimitedFrom">
/// Numbers from here on are no limit: cgroup v1 shows an unset memory limit as the largest multiple of a page below
/// 2^63.
/// </param>
public sealed class CgroupFile(string name, ulong unlimitedFrom = ulong.MaxValue)
{
    /// <summary>Lower than what v1 shows with any page size, higher than any memory.</summary>
    public const ulong UnlimitedMemory = (1UL << 63) - (1UL << 24);

    private readonly byte[] _name = Encoding.ASCII.GetBytes(name);

    public string Name => name;

    internal ReadOnlySpan<byte> NameBytes => _name;

    internal ulong UnlimitedFrom => unlimitedFrom;
}
