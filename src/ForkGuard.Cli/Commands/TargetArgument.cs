using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Cli.Completion;

namespace ForkGuard.Cli.Commands;

/// <summary>A process on the command line.</summary>
/// <param name="Pid">Its pid; 0 if it is named by its command.</param>
/// <param name="Name">The command; empty if it is named by its pid.</param>
internal readonly record struct CommandTarget(int Pid, string Name);

/// <summary>Processes on the command line, by pid or by name; each invalid word is an error.</summary>
internal static class TargetArgument
{
    internal const string HelpName = CompletedValue.ProcessName;

    internal static Argument<CommandTarget[]> Create(string description, ArgumentArity arity) =>
        new(HelpName)
        {
            Description = description,
            Arity = arity,
            CustomParser = Parse,
        };

    private static CommandTarget[] Parse(ArgumentResult result)
    {
        var targets = new CommandTarget[result.Tokens.Count];
        for (var i = 0; i < targets.Length; i++)
        {
            var word = result.Tokens[i].Value;
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                result.AddError($"'{PrintableText.Escape(word)}' is not an option of this command");
            }
            else if (!IsNumber(word))
            {
                targets[i] = new CommandTarget(0, word);
            }
            else if (
                int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var pid)
                && pid > 0
            )
            {
                targets[i] = new CommandTarget(pid, "");
            }
            else
            {
                result.AddError(
                    $"'{PrintableText.Escape(word)}' is not a process id: it must be a whole number above 0"
                );
            }
        }

        return targets;
    }

    private static bool IsNumber(string word) =>
        word.Length == 0 || word.TrimStart('-') is var digits && digits.Length > 0 && digits.All(char.IsAsciiDigit);
}
