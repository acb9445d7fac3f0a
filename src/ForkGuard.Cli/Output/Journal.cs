namespace ForkGuard.Cli.Output;

/// <summary>Priorities of lines for the journal (sd-daemon(3)).</summary>
internal static class Journal
{
    internal const string Error = "<3>";
    internal const string Warning = "<4>";
    internal const string Notice = "<5>";

    /// <summary>
    /// Standard output is a stream of the journal: JOURNAL_STREAM has the device and the inode of its socket. A program that
    /// has inherited the variable, and writes elsewhere, has another.
    /// </summary>
    internal static bool IsStandardOutput =>
        Environment.GetEnvironmentVariable("JOURNAL_STREAM")?.Split(':') is [_, var inode]
        && new FileInfo("/proc/self/fd/1").LinkTarget == $"socket:[{inode}]";
}
