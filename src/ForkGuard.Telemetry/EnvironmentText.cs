namespace ForkGuard.Telemetry;

/// <summary>Reads environment variables, of which an empty one counts as not set.</summary>
internal static class EnvironmentText
{
    internal static string? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
