using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Cli.Commands;
using ForkGuard.Cli.Completion;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>Completion by the shells themselves.</summary>
[Trait("Needs", "Machine")]
public sealed class CompletionTests : IDisposable
{
    private static readonly string[] Shells = ["bash", "zsh", "fish"];

    // What bash sets before it calls the function of a command.
    private const string AskBash =
        """source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _forkguard; printf '%s\n' "${COMPREPLY[@]}" """;

    private const string AskFish = "source $argv[1]; complete -C $argv[2]";

    // A terminal of its own, since zsh completes only while a line is edited. $2 is the line and $3 what it must become.
    private const string AskZsh = """
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PS1='> '; autoload -U compinit; compinit -D -u; source $1; echo LOADED:\$?"
        zpty -r shell out "*LOADED:0*" || exit 1
        zpty -w -n shell "$2"$'\t'
        zpty -r shell out "*$3*" || exit 1
        print -r -- "$out"
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-completion-");

    public static TheoryData<string, string, string> Lines
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var shell in Shells)
            {
                data.Add(shell, "forkguard che", "check");
                data.Add(shell, "forkguard top --sort gro", "growth");
                data.Add(shell, "forkguard check --repl", "--replay");
                data.Add(shell, "forkguard completion z", "zsh");
            }

            return data;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task A_shell_completes_commands_options_and_values(string shell, string line, string expected) =>
        Assert.Contains(expected, await AskAsync(shell, line, expected), StringComparison.Ordinal);

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_shell_completes_the_names_of_processes(string shell)
    {
        var name = Victim.UniqueName();
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, name, cancellationToken: Check.Stop);
        Assert.Contains(name, await AskAsync(shell, $"forkguard check {name[..^2]}", name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bash_does_not_evaluate_the_name_of_a_process()
    {
        var made = Path.Combine(_folder.FullName, "x");
        await using var victim = await Victim.StartAsync(
            VictimLayout.Idle,
            0,
            "$(touch x)",
            cancellationToken: Check.Stop
        );
        await AskAsync("bash", "forkguard check a", "");
        Assert.False(File.Exists(made));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Every_command_and_option_is_in_the_script(string shell)
    {
        var model = CompletionModel.Of("forkguard", ForkGuardCommand.Create());
        var script = shell switch
        {
            "bash" => BashCompletion.Of(model),
            "zsh" => ZshCompletion.Of(model),
            _ => FishCompletion.Of(model),
        };
        Assert.All(
            model.Commands,
            command =>
            {
                Assert.Contains(command.Name, script, StringComparison.Ordinal);
                Assert.All(
                    command.Options.SelectMany(option => option.Names),
                    name => Assert.Contains(name.TrimStart('-'), script, StringComparison.Ordinal)
                );
            }
        );
    }

    private async Task<string> AskAsync(string shell, string line, string expected)
    {
        var script = await ForkGuardBinary.RunAsync(["completion", shell], cancellationToken: Check.Stop);
        Assert.Equal((0, ""), (script.ExitCode, script.StandardError));
        var file = Path.Combine(_folder.FullName, $"forkguard.{shell}");
        await File.WriteAllTextAsync(file, script.StandardOutput, Check.Stop);
        string[] arguments = shell switch
        {
            "bash" => ["--norc", "-c", AskBash, "bash", file, .. line.Split(' ')],
            "zsh" => ["-f", "-c", AskZsh, "zsh", file, line, expected],
            _ => ["--no-config", "-c", AskFish, file, line],
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Check.Stop);
        limit.CancelAfter(Victim.Limit);
        var result = await CliWrap
            .Cli.Wrap(shell)
            .WithArguments(arguments)
            .WithWorkingDirectory(_folder.FullName)
            .WithEnvironmentVariables(variables => variables.Set("HOME", _folder.FullName).Set("TERM", "xterm"))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        Assert.True(result.StandardError.Length == 0, result.StandardError);
        return result.StandardOutput;
    }
}
