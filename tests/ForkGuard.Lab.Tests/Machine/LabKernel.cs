using System.Globalization;
using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Machine;

/// <summary>A kernel of Debian's, unpacked in the cache by tests/lab/fetch-kernels.</summary>
internal sealed record LabKernel(string Suite, string Release, string Folder)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    internal string Image => Path.Combine(Folder, "vmlinuz");

    /// <param name="release">As uname(1) prints it; more may follow.</param>
    /// <param name="major">First number of the version.</param>
    /// <param name="minor">Second number of the version.</param>
    internal static bool IsBefore(string release, int major, int minor)
    {
        var numbers = release.Split('.', 3);
        return (
                int.Parse(numbers[0], CultureInfo.InvariantCulture),
                int.Parse(numbers[1], CultureInfo.InvariantCulture)
            ).CompareTo((major, minor)) < 0;
    }

    /// <exception cref="InvalidOperationException">It cannot be had; the message is the script's own.</exception>
    internal static async Task<LabKernel> FetchAsync(string suite)
    {
        using CancellationTokenSource limit = new(Limit);
        var result = await Cli.Wrap(Path.Combine(RepositoryPaths.Root, "tests", "lab", "fetch-kernels"))
            .WithArguments([suite])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        return result.ExitCode == 0 && result.StandardOutput.Trim().Split(' ', 3) is [_, var release, var folder]
            ? new(suite, release, folder)
            : throw new InvalidOperationException(result.StandardError.Trim());
    }
}
