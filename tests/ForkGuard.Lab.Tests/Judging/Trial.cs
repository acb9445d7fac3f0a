using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Judging;

/// <summary>What the kernel's log says about a fork.</summary>
internal enum Witness
{
    Agrees,
    Contradicts,

    /// <summary>A refusal without a line, when the kernel had just written as many as it writes in five seconds.</summary>
    Silenced,
}

/// <summary>One verdict held against one fork.</summary>
internal sealed record Trial(
    string Kernel,
    string Scenario,
    string Layout,
    GuestVerdict Verdict,
    ForkOutcome Fork,
    Witness Witness
)
{
    internal bool IsWrong =>
        Verdict.Verdict switch
        {
            GuestVerdict.CanFork => Fork.Error != Errno.None,
            GuestVerdict.CannotFork => !Fork.IsRefused,
            _ => true,
        };

    /// <summary>Wrong although it called itself exact, which it only is further from the limit than its stated error.</summary>
    internal bool IsWrongOutsideItsError => IsWrong && (Verdict.IsExact || !IsNumbered);

    /// <summary>How many pages the kernel's limit is at least from where the verdict put it; 0 for a right one.</summary>
    internal long ErrorPages =>
        !IsWrong || !IsNumbered ? 0
        : Fork.IsRefused ? Math.Max(Verdict.Headroom, 1)
        : 1 - Verdict.Headroom;

    private bool IsNumbered => Verdict.Verdict is GuestVerdict.CanFork or GuestVerdict.CannotFork;

    internal string Describe() =>
        $"{Kernel}, {Scenario}, {Layout}: fork gave {Fork.Error}, the log [{string.Join(" | ", Fork.Log)}], the verdict was {Verdict.Text}";
}
