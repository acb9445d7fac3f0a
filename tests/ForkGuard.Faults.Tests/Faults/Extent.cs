namespace ForkGuard.Faults.Tests.Faults;

/// <summary>How much is tried: a sample, or everything with FORKGUARD_FAULTS=all, as <c>make faults</c> sets it.</summary>
internal static class Extent
{
    internal static bool IsWhole { get; } = Environment.GetEnvironmentVariable("FORKGUARD_FAULTS") == "all";

    /// <summary>Stories that share a controller, each with a fault of its own.</summary>
    internal const int AtOnce = 8;

    internal const string NotInSample = "not in the sample; make faults tries it";

    internal static void SkipInSample() => Assert.SkipUnless(IsWhole, NotInSample);
}
