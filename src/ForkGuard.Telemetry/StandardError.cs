namespace ForkGuard.Telemetry;

/// <summary>Errors and warnings on standard error.</summary>
public static class StandardError
{
    /// <summary>Name of the program, which each message begins with.</summary>
    public static string Program { get; set; } = "forkguard";

    /// <summary>Writes the program and the message.</summary>
    public static void WriteLine(string message) => WriteText($"{Program}: {message}");

    /// <summary>
    /// Writes a line without the program. A standard error that is closed or full loses the line and nothing else: the exit
    /// code stands.
    /// </summary>
    public static void WriteText(string line)
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Standard error is the only place for such a report.
        }
    }
}
