using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>A user namespace as rootless containers have it: its root is an ordinary user of the node.</summary>
[Trait("Needs", "Machine")]
public class UserNamespaceTests
{
    // A limit of one process, which prints the errno of a fork and waits for its standard input to end.
    private static readonly string[] LimitedRoot =
    [
        "--reuid",
        "61325",
        "--clear-groups",
        "unshare",
        "--map-root-user",
        "prlimit",
        "--nproc=1",
        "perl",
        "-e",
        "$| = 1; my $child = fork; exit if defined $child && !$child; print defined $child ? 0 : $! + 0, qq(\n); <STDIN>",
    ];

    [Fact]
    public async Task Its_root_is_not_exempt_from_the_process_limit()
    {
        Machine.MustLetTheTestsBecomeNobody();
        using var limited = Process.Start(
            new ProcessStartInfo("setpriv", LimitedRoot)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        Assert.Equal($"{Errno.TryAgain}", await limited.StandardOutput.ReadLineAsync(Check.Stop));
        using var copy = Nobody.ToRun(ForkGuardBinary.Path);
        var pid = limited.Id.ToString(CultureInfo.InvariantCulture);

        var inside = await CliWrap
            .Cli.Wrap("nsenter")
            .WithArguments(["--user", "--target", pid, copy.Leading[^1], "check", pid, "--output", "json"])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Check.Stop);

        limited.StandardInput.Close();
        await limited.WaitForExitAsync(Check.Stop);
        Assert.Equal(1, inside.ExitCode);
        var report = JsonNode.Parse(inside.StandardOutput)!;
        Assert.Equal(
            ("CannotFork", "UserProcesses"),
            ((string?)report["verdict"], (string?)report["bindingConstraint"])
        );
    }
}
