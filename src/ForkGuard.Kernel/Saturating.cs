namespace ForkGuard.Kernel;

/// <summary>Sums of what a hostile file may say.</summary>
internal static class Saturating
{
    internal static ulong Add(ulong a, ulong b) => a > ulong.MaxValue - b ? ulong.MaxValue : a + b;

    internal static ulong Multiply(ulong a, ulong b) => (ulong)UInt128.Min((UInt128)a * b, ulong.MaxValue);
}
