using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Api.Validation;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Commands;

/// <summary>How text or JSON is asked for.</summary>
internal enum OutputFormat
{
    Text,
    Json,
}

/// <summary>The exit codes of every command.</summary>
internal static class ExitCode
{
    internal const int Fine = 0;

    /// <summary>A process cannot fork (check), or is at risk (watch --once).</summary>
    internal const int AtRisk = 1;

    /// <summary>The words of the command line, or a manifest, are wrong.</summary>
    internal const int Usage = 2;

    /// <summary>A process is gone, or what decides could not be read.</summary>
    internal const int Unknown = 3;
}

/// <summary>The common part of the commands.</summary>
internal static class CommandLine
{
    internal static Option<string> ProcOption() =>
        new("--proc")
        {
            Description = "Read this tree in place of /proc: a mounted or a captured one.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "/proc",
        };

    /// <summary>A whole number within bounds; anything else is an error that names them.</summary>
    internal static Option<int> NumberOption(string name, string[] aliases, int least, int most, int whenAbsent) =>
        new(name, aliases)
        {
            DefaultValueFactory = _ => whenAbsent,
            CustomParser = result =>
            {
                var word = result.Tokens[0].Value;
                if (
                    !int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                    || value < least
                    || value > most
                )
                {
                    result.AddError(
                        $"{name} is '{PrintableText.Escape(word)}' but must be a whole number from {least} to {most}"
                    );
                }

                return value;
            },
        };

    /// <summary>One word of <paramref name="choices"/>, which are separated by <c>|</c>.</summary>
    internal static Argument<string> ChoiceArgument(string name, string choices) =>
        new(name) { HelpName = choices, CustomParser = result => Chosen(result, name, choices) };

    /// <summary>One word of <paramref name="choices"/>, which are separated by <c>|</c>.</summary>
    internal static Option<string> ChoiceOption(string name, string[] aliases, string choices, string whenAbsent) =>
        new(name, aliases)
        {
            HelpName = choices,
            DefaultValueFactory = _ => whenAbsent,
            CustomParser = result => Chosen(result, name, choices),
        };

    private static string Chosen(System.CommandLine.Parsing.ArgumentResult result, string name, string choices)
    {
        var word = result.Tokens[0].Value;
        var known = choices.Split('|');
        if (!known.Contains(word, StringComparer.Ordinal))
        {
            var meant = NearestName.Of(word, known) is { } near ? $"; did you mean {near}?" : "";
            result.AddError(
                $"{name} is '{PrintableText.Escape(word)}' but must be {string.Join(", ", known.SkipLast(1))} or {known[^1]}{meant}"
            );
        }

        return word;
    }

    internal static Option<OutputFormat> OutputOption() =>
        new("--output", "-o")
        {
            Description = "text or json (one object per line)",
            HelpName = "text|json",
            DefaultValueFactory = _ => OutputFormat.Text,
            CustomParser = result =>
            {
                switch (result.Tokens[0].Value)
                {
                    case "text":
                        return OutputFormat.Text;
                    case "json":
                        return OutputFormat.Json;
                    default:
                        result.AddError($"--output is '{result.Tokens[0].Value}' but must be text or json");
                        return OutputFormat.Text;
                }
            },
        };

    /// <summary>Parses and runs; invalid words are errors on standard error, with exit code 2.</summary>
    internal static async Task<int> RunAsync(RootCommand root, string program, IReadOnlyList<string> arguments)
    {
        StandardError.Program = program;
        var result = root.Parse(arguments);
        if (result.Errors.Count == 0 || result.Action is { Terminating: true } and not ParseErrorAction)
        {
            return await InvokeAsync(result);
        }

        if (result.CommandResult.Command == root && arguments is [[not '-', ..], ..])
        {
            var names = root.Subcommands.Where(command => !command.Hidden).Select(command => command.Name).ToList();
            var meant = NearestName.Of(arguments[0], names) is { } near ? $"; did you mean {near}?" : "";
            StandardError.WriteLine(
                $"'{PrintableText.Escape(arguments[0])}' is not a command: must be {string.Join(", ", names.SkipLast(1))} or {names[^1]}{meant}"
            );
            return ExitCode.Usage;
        }

        foreach (var error in result.Errors)
        {
            StandardError.WriteLine(WithNearOption(error.Message, result.CommandResult.Command));
        }

        StandardError.WriteLine($"see '{PathOf(result.CommandResult)} --help'");
        return ExitCode.Usage;
    }

    /// <summary>Adds the option that was probably meant to the error about a word that is not one.</summary>
    private static string WithNearOption(string message, Command command)
    {
        var open = message.IndexOf("'--", StringComparison.Ordinal);
        var close = open < 0 ? -1 : message.IndexOf('\'', open + 1);
        return
            close > 0
            && message.Contains("is not an option", StringComparison.Ordinal)
            && NearestName.Of(message[(open + 1)..close], command.Options.Select(option => option.Name)) is { } near
            ? $"{message}; did you mean {near}?"
            : message;
    }

    // Exit code 1 stands for a process at risk: no other failure may look like that.
    private static async Task<int> InvokeAsync(ParseResult result)
    {
        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            if (result.Action is not AsynchronousCommandLineAction)
            {
                return await result.InvokeAsync(configuration);
            }

            using var signals = new StopSignals();
            return await result.InvokeAsync(configuration, signals.Token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StandardError.WriteLine(e.Message);
            return ExitCode.Unknown;
        }
    }

    /// <summary>Opens the tree and reads the kernel's state; writes a failure to standard error.</summary>
    internal static bool TryOpen(string path, out ProcRoot proc, out KernelStateReader reader, out KernelState state)
    {
        proc = null!;
        reader = null!;
        state = default;
        if (!Directory.Exists(path))
        {
            StandardError.WriteLine($"--proc: there is no directory {path}");
            return false;
        }

        if (System.Text.Encoding.UTF8.GetByteCount(path) > ProcRoot.LongestPath)
        {
            StandardError.WriteLine($"--proc: the path is longer than {ProcRoot.LongestPath} bytes");
            return false;
        }

        proc = new ProcRoot(path);
        reader = new KernelStateReader(proc);
        if (reader.TryRead(out state, out var problem))
        {
            return true;
        }

        StandardError.WriteLine(problem);
        return false;
    }

    private static string PathOf(System.CommandLine.Parsing.CommandResult command) =>
        command.Parent is System.CommandLine.Parsing.CommandResult parent
            ? $"{PathOf(parent)} {command.Command.Name}"
            : StandardError.Program;
}
