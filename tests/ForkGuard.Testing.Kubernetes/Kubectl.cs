using CliWrap;
using CliWrap.Buffered;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>kubectl of the cache, with a cache of its own of what servers know: ports are used again.</summary>
internal sealed class Kubectl(string program, string folder)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public async Task<CommandAnswer> RunAsync(params IEnumerable<string> arguments)
    {
        using CancellationTokenSource limit = new(Limit);
        BufferedCommandResult result = await Cli.Wrap(program)
            .WithArguments(["--cache-dir", Path.Combine(folder, "kubectl-cache"), .. arguments])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        return new(result.ExitCode, result.StandardOutput, result.StandardError);
    }

    /// <exception cref="InvalidOperationException">It failed; with its words.</exception>
    public async Task<string> SucceedAsync(params IEnumerable<string> arguments)
    {
        CommandAnswer answer = await RunAsync(arguments);
        return answer.ExitCode == 0
            ? answer.StandardOutput
            : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}:\n{answer.StandardError}");
    }
}
