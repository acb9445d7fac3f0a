using CliWrap;
using CliWrap.Buffered;
using Xunit;

namespace ForkGuard.Testing;

/// <summary>A program that a script of the tests folder keeps in the cache.</summary>
public sealed class FetchedTool(string script, string program)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static FetchedTool Helm { get; } = new("cluster/fetch-kubectl-helm", "helm");

    public static FetchedTool Promtool { get; } = new("prometheus/fetch-prometheus", "promtool");

    public static FetchedTool Prometheus { get; } = new("prometheus/fetch-prometheus", "prometheus");

    /// <summary>Fetches the program unless it is in the cache, and returns its path.</summary>
    public async Task<string> PathAsync(CancellationToken cancellationToken)
    {
        var fetched = await Cli.Wrap(Path.Combine(RepositoryPaths.Root, "tests", script))
            .ExecuteBufferedAsync(cancellationToken);
        return Path.Combine(fetched.StandardOutput.Trim(), program);
    }

    /// <summary>Runs the program in the root of the repository, and returns its output. Fails unless it ends with 0.</summary>
    public Task<string> RunAsync(params string[] arguments) => RunAsync("", arguments);

    /// <summary>Runs the program like <see cref="RunAsync(string[])"/>, with a standard input.</summary>
    public async Task<string> RunAsync(string input, string[] arguments)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken
        );
        limit.CancelAfter(Limit);
        var result = await Cli.Wrap(await PathAsync(limit.Token))
            .WithArguments(arguments)
            .WithStandardInputPipe(PipeSource.FromString(input))
            .WithWorkingDirectory(RepositoryPaths.Root)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        Assert.True(result.ExitCode == 0, $"{program}: {result.StandardOutput}{result.StandardError}");
        return result.StandardOutput;
    }
}
