using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

/// <summary>Programs that go on working although fork() fails, since posix_spawn and vfork copy no memory.</summary>
internal static class SpawnAdvice
{
    private const string Immune =
        "Programs that start others by posix_spawn or vfork (Go, Java by default, Python's subprocess)";
    private const int NearPercent = 90;

    public static string For(AdviceCase advised) =>
        advised.Facts.IsAddressSpaceNearlyUsed == true
            ? "posix_spawn and vfork copy no memory, but RLIMIT_AS (ulimit -v) is nearly used up, which refuses them as well: raise it."
        : OtherLimit(advised) is { } other ? $"posix_spawn and vfork copy no memory, but {other} refuses them as well."
        : advised.Facts.IsAddressSpaceNearlyUsed == false ? $"{Immune} go on working: only fork() copies memory."
        : $"{Immune} go on working unless RLIMIT_AS (ulimit -v) or a limit of tasks is used up: only fork() copies memory.";

    private static string? OtherLimit(AdviceCase advised) =>
        advised.Process?.Constraints?.FirstOrDefault(other =>
            ConstraintTraits.Of(other.Type.Known).LimitsTasks && (other.Refuses == true || other.Percent >= NearPercent)
        )
            is { } limit
            ? $"the {ConstraintText.Name(limit)} ({ConstraintText.UsedOfLimit(limit)})"
            : null;
}
