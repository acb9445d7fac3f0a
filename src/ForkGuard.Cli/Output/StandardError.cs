namespace ForkGuard.Cli.Output;

/// <summary>Errors and warnings on standard error.</summary>
internal static class StandardError
{
    /// <summary>Name of the program, which each line begins with.</summary>
    internal static string Program { get; set; } = "forkguard";

    /// <summary>
    /// Writes the program and the message. A standard error that is closed or full loses the line and nothing else:
    /// the exit code stands.
    /// </summary>
    internal static void WriteLine(string message)
    {
        try
        {
            Console.Error.WriteLine($"{Program}: {message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // There is nobody to report it to.
        }
    }
}
