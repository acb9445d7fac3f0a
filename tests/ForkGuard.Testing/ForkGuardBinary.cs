using CliWrap;
using CliWrap.Buffered;

namespace ForkGuard.Testing;

/// <summary>What a finished program left behind.</summary>
public sealed record ProgramResult(int ExitCode, string StandardOutput, string StandardError);

/// <summary>The published NativeAOT binary: what users run, not what the test host would load.</summary>
public static class ForkGuardBinary
{
    public static string Path
    {
        get
        {
            string path = System.IO.Path.Combine(RepositoryPaths.Artifacts, "forkguard");
            return File.Exists(path)
                ? path
                : throw new FileNotFoundException($"{path} does not exist. Run `make publish` first.", path);
        }
    }

    /// <summary>Runs it to its end, at most 30 seconds.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="asNobody">As the user nobody without capabilities; as is when the tests are not run by root.</param>
    /// <param name="environment">Added to the environment; a null value removes.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public static async Task<ProgramResult> RunAsync(
        IEnumerable<string> arguments,
        bool asNobody = false,
        IReadOnlyDictionary<string, string?>? environment = null,
        CancellationToken cancellationToken = default
    )
    {
        using Nobody start = asNobody ? Nobody.ToRun(Path) : Nobody.NotNeeded(Path);
        string[] all = [.. start.Leading, .. arguments];
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Victim.Limit);
        try
        {
            BufferedCommandResult result = await Cli.Wrap(start.Program)
                .WithArguments(all)
                .WithEnvironmentVariables(environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
                .WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(limit.Token);
            return new(result.ExitCode, result.StandardOutput, result.StandardError);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"forkguard {string.Join(' ', all)} did not end within {Victim.Limit.TotalSeconds} s.",
                late
            );
        }
    }
}
