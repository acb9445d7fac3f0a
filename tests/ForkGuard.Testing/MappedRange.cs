using System.Runtime.InteropServices;

namespace ForkGuard.Testing;

/// <summary>Addresses as in /proc/PID/maps: the end is the first address behind the mapping.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MappedRange(ulong Start, ulong End)
{
    public long Pages => (long)(End - Start) / Environment.SystemPageSize;
}
