namespace ForkGuard.Kernel;

/// <summary>Arithmetic with numbers that a hostile file may hold.</summary>
internal static class Saturating
{
    internal static ulong Add(ulong a, ulong b) => a > ulong.MaxValue - b ? ulong.MaxValue : a + b;

    internal static ulong Subtract(ulong a, ulong b) => a > b ? a - b : 0;

    internal static ulong Multiply(ulong a, ulong b) => (ulong)UInt128.Min((UInt128)a * b, ulong.MaxValue);
}
