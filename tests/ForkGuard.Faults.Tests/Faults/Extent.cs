namespace ForkGuard.Faults.Tests.Faults;

/// <summary>How much the tests try: a sample, or everything with FORKGUARD_FAULTS=all, as <c>make faults</c> sets it.</summary>
internal static class Extent
{
    /// <summary>Stories that share a controller, each with a fault of its own.</summary>
    internal const int AtOnce = 8;

    internal static bool IsWhole { get; } = Environment.GetEnvironmentVariable("FORKGUARD_FAULTS") == "all";
}
