using System.CommandLine;

namespace ForkGuard.Cli.Completion;

/// <summary>Kind of a value, by which a shell completes it.</summary>
internal enum ValueKind
{
    /// <summary>The option takes no value.</summary>
    None,

    /// <summary>Any text.</summary>
    Text,

    /// <summary>One of the choices.</summary>
    Choice,

    /// <summary>A path.</summary>
    File,

    /// <summary>The name of a running process.</summary>
    Process,
}

/// <summary>A value.</summary>
/// <param name="Kind">By which a shell completes it.</param>
/// <param name="Name">As the help names it; empty without a value.</param>
/// <param name="Choices">All choices; empty for another kind.</param>
internal sealed record CompletedValue(ValueKind Kind, string Name, IReadOnlyList<string> Choices)
{
    /// <summary>Name in the help of a process.</summary>
    internal const string ProcessName = "PID|NAME";

    /// <summary>A value by its name in the help: <c>a|b</c> are choices, and FILE and DIR are paths.</summary>
    internal static CompletedValue Of(string name) =>
        name == ProcessName ? new CompletedValue(ValueKind.Process, name, [])
        : name.Contains('|') ? new CompletedValue(ValueKind.Choice, name, name.Split('|'))
        : name.Contains("FILE", StringComparison.Ordinal) || name.Contains("DIR", StringComparison.Ordinal)
            ? new CompletedValue(ValueKind.File, name, [])
        : new CompletedValue(name.Length == 0 ? ValueKind.None : ValueKind.Text, name, []);
}

/// <summary>An option.</summary>
/// <param name="Names">All of its names, the long one first.</param>
/// <param name="Description">One line.</param>
/// <param name="Value">Its value.</param>
internal sealed record CompletedOption(IReadOnlyList<string> Names, string Description, CompletedValue Value);

/// <summary>A command.</summary>
/// <param name="Name">Its word.</param>
/// <param name="Description">One line.</param>
/// <param name="Options">All options that it takes.</param>
/// <param name="Argument">The argument that it takes beside options; of the kind None without arguments.</param>
internal sealed record CompletedCommand(
    string Name,
    string Description,
    IReadOnlyList<CompletedOption> Options,
    CompletedValue Argument
);

/// <summary>All that shells complete of a program, taken from the commands that parse its command line.</summary>
/// <param name="Program">Its name.</param>
/// <param name="Commands">In the order of the help.</param>
internal sealed record CompletionModel(string Program, IReadOnlyList<CompletedCommand> Commands)
{
    internal static CompletionModel Of(string program, RootCommand root) =>
        new(program, [.. root.Subcommands.Where(command => !command.Hidden).Select(command => Of(command, root))]);

    private static CompletedCommand Of(Command command, RootCommand root) =>
        new(
            command.Name,
            command.Description ?? "",
            [
                .. command
                    .Options.Concat(root.Options.Where(option => option.Recursive))
                    .Where(option => !option.Hidden)
                    .Select(Of),
            ],
            command.Arguments is [var argument, ..]
                ? CompletedValue.Of(argument.HelpName ?? argument.Name)
                : CompletedValue.Of("")
        );

    // Windows' spellings of help are no names that a shell of Linux offers.
    private static CompletedOption Of(Option option) =>
        new(
            [
                .. option
                    .Aliases.Prepend(option.Name)
                    .Where(name => name.StartsWith('-') && !name.Contains('?'))
                    .Distinct(StringComparer.Ordinal),
            ],
            option.Description ?? "",
            option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool)
                ? CompletedValue.Of("")
                : CompletedValue.Of(option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant())
        );
}
