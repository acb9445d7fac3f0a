namespace ForkGuard.Cli.Output;

/// <summary>What could not be read is always said, with what it takes.</summary>
internal static class UnreadableText
{
    /// <summary>A clause to put after a count; empty if all could be read.</summary>
    internal static string Of(int unreadable) =>
        unreadable == 0 ? "" : $", {unreadable} could not be read (needs root or CAP_SYS_PTRACE)";
}
