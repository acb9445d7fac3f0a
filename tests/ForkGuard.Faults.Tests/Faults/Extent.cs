using System.Globalization;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>
/// How much the tests try: a sample, everything with FORKGUARD_FAULTS=all, as <c>make faults</c> sets it, or with a number every
/// so many places.
/// </summary>
internal static class Extent
{
    /// <summary>Stories that share a controller, each with a fault of its own.</summary>
    internal const int AtOnce = 8;

    private static readonly string? Setting = Environment.GetEnvironmentVariable("FORKGUARD_FAULTS");

    /// <summary>More than the sample.</summary>
    internal static bool IsWhole { get; } = Setting is { Length: > 0 };

    /// <summary>The distance between two places that are tried.</summary>
    internal static int Stride { get; } =
        int.TryParse(Setting, NumberStyles.None, CultureInfo.InvariantCulture, out var stride) && stride > 0
            ? stride
            : 1;

    /// <summary>The tries of a fault without places.</summary>
    internal static int Tries(int whole) => IsWhole ? (whole + Stride - 1) / Stride : 1;
}
