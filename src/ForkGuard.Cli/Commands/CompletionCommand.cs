using System.CommandLine;
using ForkGuard.Cli.Completion;

namespace ForkGuard.Cli.Commands;

/// <summary><c>forkguard completion SHELL</c>: the script by which a shell completes the command line.</summary>
internal static class CompletionCommand
{
    private const string Shells = "bash|zsh|fish";

    internal static Command Create(string program, RootCommand root)
    {
        var shell = CommandLine.ChoiceArgument("shell", Shells);
        shell.Description = "The shell.";
        var command = new ExampleCommand(
            "completion",
            "Write the completion script of a shell.",
            "completion bash > /etc/bash_completion.d/" + program,
            "completion zsh > \"${fpath[1]}/_" + program + "\"",
            "completion fish > ~/.config/fish/completions/" + program + ".fish"
        )
        {
            shell,
        };
        command.SetAction(result =>
        {
            var model = CompletionModel.Of(program, root);
            Console.Write(
                result.GetRequiredValue(shell) switch
                {
                    "zsh" => ZshCompletion.Of(model),
                    "fish" => FishCompletion.Of(model),
                    _ => BashCompletion.Of(model),
                }
            );
            return ExitCode.Fine;
        });
        return command;
    }
}
