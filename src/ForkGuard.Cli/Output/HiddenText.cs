namespace ForkGuard.Cli.Output;

/// <summary>Processes that /proc does not show, with the remedy.</summary>
internal static class HiddenText
{
    internal const string Sentence =
        "Processes of other users are hidden (/proc is mounted with hidepid): needs root or CAP_SYS_PTRACE";

    /// <summary>A clause to put behind the name or number of a process that is not found; empty if /proc hides none.</summary>
    internal static string OfMissing(bool hidesProcesses) =>
        hidesProcesses ? ", or it is hidden (/proc is mounted with hidepid): needs root or CAP_SYS_PTRACE" : "";
}
