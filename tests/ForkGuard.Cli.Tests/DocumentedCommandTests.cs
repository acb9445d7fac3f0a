using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.Cli.Tests;

/// <summary>What the pages tell the reader to run on a host, runs there as it is written.</summary>
[Trait("Needs", "Machine")]
public sealed class DocumentedCommandTests
{
    public static TheoryData<string> Commands { get; } =
    [
        .. Page
            .All.SelectMany(page => page.Commands)
            .Where(command => command.Place == CommandPlace.Host)
            .Select(command => command.Text)
            .Distinct(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_command_of_the_pages_does_what_it_is_for(string command)
    {
        var path = $"{Path.GetDirectoryName(ForkGuardBinary.Path)}:{Environment.GetEnvironmentVariable("PATH")}";
        var result = await CliWrap
            .Cli.Wrap("bash")
            // A reader's shell stays while the command runs, and does not become it.
            .WithArguments(["-c", $"{command}\nexit $?"])
            .WithWorkingDirectory(RepositoryPaths.Root)
            .WithEnvironmentVariables(variables => variables.Set("PATH", path))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Check.Stop);

        // Some process of this machine may be at risk, 1, or unreadable, 3.
        var allowed = command.StartsWith("forkguard watch", StringComparison.Ordinal) ? [0, 1, 3] : new[] { 0 };
        Assert.True(allowed.Contains(result.ExitCode), $"{result.ExitCode}: {result.StandardError}");
        Assert.NotEmpty(result.StandardOutput);
        Assert.Empty(result.StandardError);
    }
}
