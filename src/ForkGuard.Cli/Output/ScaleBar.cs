namespace ForkGuard.Cli.Output;

/// <summary>A bar to scale: <c>#</c> is what is used, <c>|</c> is where the limit is.</summary>
internal static class ScaleBar
{
    /// <param name="used">Usage.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="scale">The number that the whole width stands for: the limit, or more where usage exceeds it.</param>
    /// <param name="width">Characters.</param>
    internal static string Of(ulong used, ulong limit, ulong scale, int width)
    {
        var whole = Math.Max(scale, 1);
        var filled = (int)UInt128.Min((UInt128)used * (uint)width / whole, (UInt128)width);
        var limitAt = (int)UInt128.Min((UInt128)limit * (uint)width / whole, (UInt128)(width - 1));
        var bar = new char[width];
        for (var i = 0; i < width; i++)
        {
            bar[i] =
                i == limitAt ? '|'
                : i < filled ? '#'
                : '.';
        }

        if (filled == 0 && used > 0 && limitAt > 0)
        {
            bar[0] = '-';
        }

        return new string(bar);
    }
}
