using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>The published binary with mounts of its own, which end with it.</summary>
internal static class OwnMounts
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="mounts">Commands of a shell, such as <c>mount --bind FILE /proc/meminfo</c>.</param>
    /// <param name="arguments">Those of the binary.</param>
    internal static async Task<ProgramResult> RunAsync(string mounts, params IEnumerable<string> arguments)
    {
        Assert.True(Environment.IsPrivilegedProcess, "needs root, to have mounts of its own");
        var result = await CliWrap
            .Cli.Wrap("unshare")
            .WithArguments([
                "--mount",
                "--propagation=private",
                "sh",
                "-c",
                $"set -e; {mounts}; exec \"$0\" \"$@\"",
                ForkGuardBinary.Path,
                .. arguments,
            ])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Check.Stop);
        return new ProgramResult(result.ExitCode, result.StandardOutput, result.StandardError);
    }
}
