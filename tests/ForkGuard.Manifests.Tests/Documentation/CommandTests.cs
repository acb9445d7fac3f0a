using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.Manifests.Tests.Documentation;

/// <summary>Every command of README.md and docs is run by a test, and which test that is can be told by its first word.</summary>
public sealed partial class CommandTests
{
    public static TheoryData<string> Pages { get; } = [.. Page.All.Select(page => page.Name)];

    public static TheoryData<string> MakeCommands { get; } =
    [
        .. Page
            .All.SelectMany(page =>
                page.Commands.Where(command => command.Place == CommandPlace.Makefile)
                    .Select(command => command.Text)
                    // In a sentence.
                    .Concat(InlineMake().Matches(page.Text).Select(match => match.Value))
            )
            .Distinct(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_command_is_run_by_a_test(string page) =>
        Assert.DoesNotContain(Page.Read(page).Commands, command => command.Place == CommandPlace.Nowhere);

    /// <summary>A block without <c>sh</c> is output or a file, and no test runs it.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void No_command_hides_in_another_block(string page) =>
        Assert.Empty(
            from block in Page.Read(page).Blocks
            where !string.Equals(block.Kind, "sh", StringComparison.Ordinal)
            from line in block.Lines
            where CommandLine().IsMatch(line)
            select line
        );

    [Theory]
    [MemberData(nameof(MakeCommands))]
    public async Task A_target_of_the_Makefile_is_there(string command)
    {
        BufferedCommandResult result = await Cli.Wrap("bash")
            .WithArguments(["-c", $"make() {{ command make --dry-run \"$@\"; }}; {command}"])
            .WithWorkingDirectory(RepositoryPaths.Root)
            // Those of the make that runs the tests.
            .WithEnvironmentVariables(variables => variables.Set("MAKEFLAGS", null).Set("MAKELEVEL", null))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);

        Assert.True(result.ExitCode == 0, result.StandardError);
    }

    [GeneratedRegex("(?<=`)make [a-z][^`\n]*(?=`)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InlineMake();

    [GeneratedRegex(
        @"^\s*(\$ |sudo |make |forkguard (check|explain|top|watch|agent) |kubectl |helm |docker |curl )",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex CommandLine();
}
