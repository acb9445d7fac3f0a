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
    public static Task<CommandAnswer> RunAsync(
        IEnumerable<string> command,
        string input = "",
        CancellationToken cancellationToken = default
    ) => RunNodeAsync(["exec", .. command], input, cancellationToken);

    /// <exception cref="InvalidOperationException">It failed; with its words.</exception>
    public static async Task<string> SucceedAsync(
        IEnumerable<string> command,
        string input = "",
        CancellationToken cancellationToken = default
    ) => Output(command, await RunAsync(command, input, cancellationToken));

    /// <summary>Runs a script of sh in the node itself, as root, where <c>$0</c> and what follows are the words.</summary>
    /// <exception cref="InvalidOperationException">It failed; with its words.</exception>
    public static async Task<string> InsideAsync(
        string script,
        IEnumerable<string> words,
        string input = "",
        CancellationToken cancellationToken = default
    ) =>
        Output(
            [script, .. words],
            await RunNodeAsync(["inside", "sh", "-ec", script, .. words], input, cancellationToken)
        );

    private static async Task<CommandAnswer> RunNodeAsync(
        IEnumerable<string> words,
        string input,
        CancellationToken cancellationToken
    )
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        string home = Path.Combine(RepositoryPaths.Artifacts, "node", "home");
        BufferedCommandResult result = await Cli.Wrap(Script("node"))
            .WithArguments(words)
            // Neither what this user has set nor what an earlier node has answered.
            .WithEnvironmentVariables(variables => variables.Set("HOME", home).Set("XDG_CACHE_HOME", null))
            .WithStandardInputPipe(PipeSource.FromString(input))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        return new(result.ExitCode, result.StandardOutput, result.StandardError);
    }

    private static string Output(IEnumerable<string> command, CommandAnswer answer) =>
        answer.ExitCode == 0
            ? answer.StandardOutput
            : throw new InvalidOperationException(
                $"{string.Join(' ', command)} ended with {answer.ExitCode}:\n{answer.StandardOutput}{answer.StandardError}"
            );
}
