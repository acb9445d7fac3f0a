namespace ForkGuard.Testing;

/// <summary>The names <c>victim --list</c> prints.</summary>
public static class VictimLayout
{
    public const string Idle = "idle";
    public const string Merged = "merged";

    /// <summary>One mmap; above the limit two or more, which merge.</summary>
    public const string OneMapping = "single";

    public const string Scattered = "scattered";
    public const string NoReserve = "noreserve";
    public const string DontFork = "dontfork";
    public const string DontForkMiddle = "dontfork-middle";
    public const string WipeOnFork = "wipeonfork";
    public const string WrittenReadOnly = "written-readonly";
    public const string WrittenNone = "written-none";
    public const string ReadOnly = "readonly";
    public const string Reserved = "reserved";
    public const string Mremap = "mremap";
    public const string Brk = "brk";
    public const string Memfd = "memfd";
    public const string MprotectPieces = "mprotect-pieces";
    public const string Shared = "shared";

    /// <summary>One VMA, charged for its whole length: refused in mode 0 from the first page above the limit on.</summary>
    public static IReadOnlyList<string> Charged { get; } =
    [Merged, OneMapping, WipeOnFork, WrittenReadOnly, WrittenNone, Mremap, Brk, Memfd, MprotectPieces];

    /// <summary>Never refused in mode 0, above the limit either.</summary>
    public static IReadOnlyList<string> NeverRefused { get; } =
    [Scattered, NoReserve, DontFork, DontForkMiddle, Reserved, Shared];
}
