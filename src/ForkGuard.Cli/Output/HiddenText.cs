namespace ForkGuard.Cli.Output;

/// <summary>Processes that /proc does not show, with the remedy.</summary>
internal static class HiddenText
{
    private const string Cause = $"(/proc is mounted with hidepid): {UnreadableText.Remedy}";

    internal const string Sentence = $"Processes of other users are hidden {Cause}.";

    /// <summary>A clause to put behind the name or number of a process that is not found; empty if /proc hides none.</summary>
    internal static string OfMissing(bool hidesProcesses) => hidesProcesses ? $", or it is hidden {Cause}" : "";
}
