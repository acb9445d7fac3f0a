using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>Words that do not fit: exit code 2 and a line that says which.</summary>
[Trait("Needs", "Machine")]
public class UsageTests
{
    [Theory]
    [InlineData("PID|NAME", "check")]
    [InlineData("'0' is not a process id", "check", "0")]
    [InlineData("'-1' is not a process id", "check", "-1")]
    [InlineData("'99999999999' is not a process id", "check", "99999999999")]
    [InlineData("--output is 'xml' but must be text or json", "check", "1", "-o", "xml")]
    [InlineData(
        "'chekc' is not a command: must be check, explain, top, watch, agent or completion; did you mean check?\n",
        "chekc",
        "1"
    )]
    [InlineData("command", "--")]
    [InlineData("--interval is '0' but must be a whole number from 1 to 3600", "watch", "-f", ".", "--interval", "0")]
    [InlineData("--filename", "watch")]
    [InlineData("--count is '0' but must be a whole number from 1 to 10000", "top", "-n", "0")]
    [InlineData("--sort is 'grwth' but must be ", "top", "--sort", "grwth")]
    [InlineData("'--recrod' is not an option of this command; did you mean --record?", "check", "1", "--recrod")]
    [InlineData("'chek' is not a command: must be ", "chek", "1")]
    [InlineData("did you mean check?", "chek", "1")]
    [InlineData("'0' is not a process id", "explain", "0")]
    [InlineData("--count is 'abc'", "top", "-n", "abc")]
    public async Task Wrong_words_end_with_2_and_say_what_is_wrong(string said, params string[] arguments)
    {
        var result = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(said, result.StandardError, StringComparison.Ordinal);
        Assert.All(
            result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.StartsWith("forkguard: ", line, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("check", "1")]
    [InlineData("explain", "1")]
    [InlineData("top")]
    [InlineData("watch", "-f", ".")]
    public async Task An_unknown_option_is_called_an_option(params string[] arguments)
    {
        var result = await ForkGuardBinary.RunAsync([.. arguments, "--bogus"], cancellationToken: Check.Stop);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("'--bogus'", result.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("process id", result.StandardError, StringComparison.Ordinal);
    }

    /// <summary>1 says that a process is at risk, which a full disk does not.</summary>
    [Theory]
    [InlineData("check", "1")]
    [InlineData("top")]
    [InlineData("watch", "--once", "-f", "config/samples/host-processes.yaml")]
    public async Task What_cannot_be_written_ends_with_3_and_one_line(params string[] arguments)
    {
        var result = await CliWrap
            .Cli.Wrap("/bin/sh")
            .WithArguments(["-c", "exec \"$@\" >/dev/full", "sh", ForkGuardBinary.Path, .. arguments])
            .WithWorkingDirectory(RepositoryPaths.Root)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Check.Stop);
        Assert.Equal(3, result.ExitCode);
        Assert.Matches(@"\Aforkguard: [^\n]*\n\z", result.StandardError);
    }

    [Fact]
    public async Task Help_names_every_command_and_ends_with_0()
    {
        var result = await ForkGuardBinary.RunAsync(["--help"], cancellationToken: Check.Stop);
        Assert.Equal((0, ""), (result.ExitCode, result.StandardError));
        var commands = result
            .StandardOutput.Split("Commands:", StringSplitOptions.None)[1]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["check", "explain", "top", "watch", "agent", "completion"],
            commands.Select(line => line.Trim().Split(' ')[0]),
            StringComparer.Ordinal
        );
    }
}
