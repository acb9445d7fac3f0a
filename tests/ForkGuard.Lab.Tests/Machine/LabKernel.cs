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
    internal static async Task<LabKernel> FetchAsync(string suite) =>
        await RunAsync("fetch-kernels", suite) is [_, var release, var folder]
            ? new(suite, release, folder)
            : throw new InvalidOperationException($"fetch-kernels {suite} printed no kernel");

    /// <summary>Returns the folder with the C library of a suite, unpacked in the cache by tests/lab/fetch-libc.</summary>
    /// <exception cref="InvalidOperationException">It cannot be had; the message is the script's own.</exception>
    internal static async Task<string> FetchLibcAsync(string suite) =>
        await RunAsync("fetch-libc", suite) is [_, .. var folder]
            ? string.Join(' ', folder)
            : throw new InvalidOperationException($"fetch-libc {suite} printed no folder");

    private static async Task<string[]> RunAsync(string script, string suite)
    {
        using CancellationTokenSource limit = new(Limit);
        var result = await Cli.Wrap(Path.Combine(RepositoryPaths.Root, "tests", "lab", script))
            .WithArguments([suite])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        return result.ExitCode == 0
            ? result.StandardOutput.Trim().Split(' ', 3)
            : throw new InvalidOperationException(result.StandardError.Trim());
    }
}
