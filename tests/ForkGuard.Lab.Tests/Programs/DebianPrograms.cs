using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Programs;

/// <summary>Programs of Debian's, unpacked in the cache by tests/lab/fetch-programs.</summary>
/// <param name="Files">What a guest needs to run them: paths there, and what is copied.</param>
/// <param name="Versions">The version of each package that was asked for.</param>
internal sealed record DebianPrograms(
    IReadOnlyDictionary<string, string> Files,
    IReadOnlyDictionary<string, string> Versions
)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <param name="packages">Unpacked with what they depend on.</param>
    /// <param name="paths">Programs, or folders, or patterns of such, that the guest gets.</param>
    /// <exception cref="InvalidOperationException">They cannot be had; the message is the script's own.</exception>
    internal static async Task<DebianPrograms> FetchAsync(IEnumerable<string> packages, IEnumerable<string> paths)
    {
        using CancellationTokenSource limit = new(Limit);
        var result = await Cli.Wrap(Path.Combine(RepositoryPaths.Root, "tests", "lab", "fetch-programs"))
            .WithArguments([.. packages, "--", .. paths])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException(result.StandardError.Trim());
        }

        var lines = result
            .StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 3))
            .ToLookup(words => words[0], StringComparer.Ordinal);
        return new(Of("file"), Of("package"));

        Dictionary<string, string> Of(string kind) =>
            lines[kind].ToDictionary(words => words[1], words => words[2], StringComparer.Ordinal);
    }
}
