using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>Commands of the tests, in the node's network where they speak to it.</summary>
internal static class Shell
{
    // helm waits for pods, on two cores.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public static string Script(string name) => Path.Combine(RepositoryPaths.Root, "tests", "cluster", name);

    /// <summary>Runs kubectl, helm or another program that reaches the API server.</summary>
    public static async Task<CommandAnswer> RunAsync(
        IEnumerable<string> command,
        string input = "",
        CancellationToken cancellationToken = default
    )
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        string home = Path.Combine(RepositoryPaths.Artifacts, "node", "home");
        BufferedCommandResult result = await Cli.Wrap(Script("node"))
            .WithArguments(["exec", .. command])
            // Neither what this user has set nor what an earlier node has answered.
            .WithEnvironmentVariables(variables => variables.Set("HOME", home).Set("XDG_CACHE_HOME", null))
            .WithStandardInputPipe(PipeSource.FromString(input))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        return new(result.ExitCode, result.StandardOutput, result.StandardError);
    }

    /// <exception cref="InvalidOperationException">It failed; with its words.</exception>
    public static async Task<string> SucceedAsync(
        IEnumerable<string> command,
        string input = "",
        CancellationToken cancellationToken = default
    )
    {
        CommandAnswer answer = await RunAsync(command, input, cancellationToken);
        return answer.ExitCode == 0
            ? answer.StandardOutput
            : throw new InvalidOperationException(
                $"{string.Join(' ', command)} ended with {answer.ExitCode}:\n{answer.StandardOutput}{answer.StandardError}"
            );
    }
}
