using System.Globalization;

namespace ForkGuard.Lab.Tests.Judging;

/// <summary>The number that all random layouts of a run come from.</summary>
internal static class Seed
{
    /// <summary>Names the seed to repeat.</summary>
    internal const string Variable = "FORKGUARD_LAB_SEED";

    internal static int Run { get; } =
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Random.Shared.Next(1, 1_000_000);

    /// <summary>The same for the same run and number, whatever ran before.</summary>
    internal static Random For(int number) => new(unchecked((Run * 10_007) + number));
}
