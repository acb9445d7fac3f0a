using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Chart.Tests;

/// <summary>A program that a script of the tests folder keeps in the cache.</summary>
internal sealed class FetchedTool(string script, string program)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    internal static FetchedTool Helm { get; } = new("cluster/fetch-kubectl-helm", "helm");

    internal static FetchedTool Promtool { get; } = new("prometheus/fetch-prometheus", "promtool");

    /// <summary>Runs the program in the root of the repository, and returns its output. Fails unless it ends with 0.</summary>
    internal async Task<string> RunAsync(params string[] arguments)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken
        );
        limit.CancelAfter(Limit);
        var fetched = await Cli.Wrap(Path.Combine(RepositoryPaths.Root, "tests", script))
            .ExecuteBufferedAsync(limit.Token);
        var result = await Cli.Wrap(Path.Combine(fetched.StandardOutput.Trim(), program))
            .WithArguments(arguments)
            .WithWorkingDirectory(RepositoryPaths.Root)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        Assert.True(result.ExitCode == 0, $"{program}: {result.StandardOutput}{result.StandardError}");
        return result.StandardOutput;
    }
}
