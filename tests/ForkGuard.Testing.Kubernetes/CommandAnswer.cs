namespace ForkGuard.Testing.Kubernetes;

/// <summary>What a command said, and how it ended.</summary>
public sealed record CommandAnswer(int ExitCode, string StandardOutput, string StandardError);
