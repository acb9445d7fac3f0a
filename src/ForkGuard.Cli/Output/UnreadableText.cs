namespace ForkGuard.Cli.Output;

/// <summary>Number of processes that could not be read, with the remedy.</summary>
internal static class UnreadableText
{
    internal const string Remedy = "needs root or CAP_SYS_PTRACE";

    /// <summary>A clause to put after a count; empty if all could be read.</summary>
    internal static string Of(int unreadable) => unreadable == 0 ? "" : $", {unreadable} could not be read ({Remedy})";
}
