using System.CommandLine;
using ForkGuard.Cli.Commands;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>The help of each command.</summary>
public class HelpTests
{
    public static TheoryData<string> Commands => [.. All.Select(command => command.Name)];

    private static IEnumerable<Command> All => ForkGuardCommand.Create().Subcommands;

    [Theory]
    [MemberData(nameof(Commands))]
    public void Has_examples_that_the_command_accepts(string name)
    {
        var root = ForkGuardCommand.Create();
        var command = Assert.IsType<ExampleCommand>(root.Subcommands.Single(command => command.Name == name));
        Assert.NotEmpty(command.Examples);
        Assert.All(
            command.Examples,
            example =>
            {
                var words = example.Split('#')[0].Split('>')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                Assert.Equal(name, words[0]);
                Assert.Empty(root.Parse(words).Errors);
            }
        );
    }

    [Theory]
    [Trait("Needs", "Machine")]
    [MemberData(nameof(Commands))]
    public async Task Shows_the_examples_last(string name)
    {
        var result = await ForkGuardBinary.RunAsync([name, "--help"], cancellationToken: Check.Stop);
        Assert.Equal((0, ""), (result.ExitCode, result.StandardError));
        var examples = result.StandardOutput.Split("Examples:\n")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(examples, line => Assert.StartsWith($"  forkguard {name}", line, StringComparison.Ordinal));
    }
}
