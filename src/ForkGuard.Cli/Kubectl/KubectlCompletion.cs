using ForkGuard.Cli.Commands;
using ForkGuard.Cli.Completion;

namespace ForkGuard.Cli.Kubectl;

/// <summary>Completes a command line for kubectl, which runs <c>kubectl_complete-forkguard</c> with the words so far.</summary>
internal static class KubectlCompletion
{
    // ShellCompDirectiveNoFileComp of cobra: the shell offers no files.
    private const string NoFiles = ":4";

    /// <summary>Writes a candidate a line, and the directive.</summary>
    /// <param name="words">The last one is the one to complete, and may be empty.</param>
    internal static int Run(IReadOnlyList<string> words)
    {
        var model = CompletionModel.Of(KubectlCommand.Program, KubectlCommand.Create());
        var last = words.Count == 0 ? "" : words[^1];
        foreach (
            var candidate in Candidates(model, words).Where(word => word.StartsWith(last, StringComparison.Ordinal))
        )
        {
            Console.WriteLine(candidate);
        }

        Console.WriteLine(NoFiles);
        return ExitCode.Fine;
    }

    private static IEnumerable<string> Candidates(CompletionModel model, IReadOnlyList<string> words)
    {
        var command = model.Commands.FirstOrDefault(command =>
            words.SkipLast(1).Contains(command.Name, StringComparer.Ordinal)
        );
        if (command is null)
        {
            return model.Commands.Select(each => each.Name);
        }

        if (
            words.Count > 1
            && command.Options.FirstOrDefault(option => option.Names.Contains(words[^2], StringComparer.Ordinal))
                is { } option
        )
        {
            return option.Value.Choices;
        }

        return words[^1].StartsWith('-') ? command.Options.SelectMany(each => each.Names) : command.Argument.Choices;
    }
}
