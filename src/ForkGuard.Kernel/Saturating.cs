namespace ForkGuard.Kernel;

/// <summary>Sums of what a hostile file may say.</summary>
internal static class Saturating
{
    internal static ulong Add(ulong a, ulong b) => a > ulong.MaxValue - b ? ulong.MaxValue : a + b;
}
