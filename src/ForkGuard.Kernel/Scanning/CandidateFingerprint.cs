using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>A number that stays the same as long as range and permissions of every candidate do, and its order.</summary>
internal struct CandidateFingerprint(OvercommitMode mode)
{
    internal ulong Value { get; private set; } = 0x9E37_79B9_7F4A_7C15 + (ulong)mode;

    internal void Add(in MapsEntry entry)
    {
        Mix(entry.Start);
        Mix(entry.End);
        Mix(entry.PermissionBits);
    }

    private void Mix(ulong value) => Value = ulong.RotateLeft((Value ^ value) * 0xFF51_AFD7_ED55_8CCD, 29);
}
