using System.CommandLine;
using ForkGuard.Api;

namespace ForkGuard.Cli.Commands;

/// <summary>Process ids on the command line; each invalid word is an error.</summary>
internal static class PidArgument
{
    internal static Argument<int[]> Create(string description, ArgumentArity arity) =>
        new("PID")
        {
            Description = description,
            Arity = arity,
            CustomParser = ParsePids,
        };

    private static int[] ParsePids(System.CommandLine.Parsing.ArgumentResult result)
    {
        var pids = new int[result.Tokens.Count];
        for (var i = 0; i < pids.Length; i++)
        {
            var word = result.Tokens[i].Value;
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                result.AddError($"'{PrintableText.Escape(word)}' is not an option of this command");
                continue;
            }

            if (
                !int.TryParse(
                    word,
                    System.Globalization.NumberStyles.None,
                    System.Globalization.CultureInfo.InvariantCulture,
                    out pids[i]
                )
                || pids[i] == 0
            )
            {
                result.AddError($"'{PrintableText.Escape(word)}' is not a process id: it must be a whole number above 0");
            }
        }

        return pids;
    }
}
