using System.Text;

namespace ForkGuard.Cli.Completion;

/// <summary>Completion for fish (complete(1)).</summary>
internal static class FishCompletion
{
    internal static string Of(CompletionModel model)
    {
        var program = model.Program;
        var script = new StringBuilder();
        script.AppendLine($"# fish completion of {program}, written by `{program} completion fish`.");
        script.AppendLine($"complete -c {program} -f");
        foreach (var command in model.Commands)
        {
            script.AppendLine(
                $"complete -c {program} -n __fish_use_subcommand -a {command.Name} -d {Quote(command.Description)}"
            );
            Add(script, program, command);
        }

        return script.ToString();
    }

    private static void Add(StringBuilder script, string program, CompletedCommand command)
    {
        var within = $"complete -c {program} -n '__fish_seen_subcommand_from {command.Name}'";
        foreach (var option in command.Options)
        {
            var names = string.Join(
                ' ',
                option.Names.Select(name =>
                    name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}"
                )
            );
            script.AppendLine($"{within} {names}{Words(option.Value, "-x")} -d {Quote(option.Description)}");
        }

        if (command.Argument.Kind is not (ValueKind.None or ValueKind.Text))
        {
            script.AppendLine($"{within}{Words(command.Argument, "")}");
        }
    }

    private static string Words(CompletedValue value, string requiresValue)
    {
        var required = requiresValue.Length == 0 ? "" : $" {requiresValue}";
        return value.Kind switch
        {
            ValueKind.Choice => $"{required} -a {Quote(string.Join(' ', value.Choices))}",
            ValueKind.File => requiresValue.Length == 0 ? " -F" : " -r -F",
            ValueKind.Process => $"{required} -a '(cat /proc/*/comm 2>/dev/null | sort -u)'",
            ValueKind.None => "",
            _ => required,
        };
    }

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
