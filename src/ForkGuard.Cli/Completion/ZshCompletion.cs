using System.Text;

namespace ForkGuard.Cli.Completion;

/// <summary>Completion for zsh (zshcompsys(1)).</summary>
internal static class ZshCompletion
{
    internal static string Of(CompletionModel model)
    {
        var function = $"_{model.Program}";
        var script = new StringBuilder();
        script.AppendLine($"#compdef {model.Program}");
        script.AppendLine($"# zsh completion of {model.Program}, written by `{model.Program} completion zsh`.");
        script.AppendLine($"{function}_processes() {{");
        script.AppendLine("  local -a names");
        script.AppendLine("  names=(${(f)\"$(cat /proc/[0-9]*/comm 2>/dev/null | sort -u)\"})");
        script.AppendLine("  compadd -a names");
        script.AppendLine("}");
        script.AppendLine($"{function}() {{");
        script.AppendLine("  local -a commands");
        script.AppendLine("  commands=(");
        foreach (var command in model.Commands)
        {
            script.AppendLine($"    {Quote($"{command.Name}:{command.Description}")}");
        }

        script.AppendLine("  )");
        script.AppendLine("  if (( CURRENT == 2 )); then");
        script.AppendLine("    _describe -t commands command commands");
        script.AppendLine("    return");
        script.AppendLine("  fi");
        script.AppendLine("  local command=$words[2]");
        script.AppendLine("  shift words");
        script.AppendLine("  (( CURRENT-- ))");
        script.AppendLine("  case $command in");
        foreach (var command in model.Commands)
        {
            Add(script, command, function);
        }

        script.AppendLine("  esac");
        script.AppendLine("}");
        script.AppendLine(
            $"if [[ $funcstack[1] == {function} ]]; then {function} \"$@\"; else compdef {function} {model.Program}; fi"
        );
        return script.ToString();
    }

    private static void Add(StringBuilder script, CompletedCommand command, string function)
    {
        script.Append($"  {command.Name}) _arguments");
        foreach (var option in command.Options)
        {
            var others = $"({string.Join(' ', option.Names)})";
            foreach (var name in option.Names)
            {
                var value =
                    option.Value.Kind == ValueKind.None
                        ? ""
                        : $":{Escape(option.Value.Name)}:{Action(option.Value, function)}";
                script.Append($" \\\n    {Quote($"{others}{name}[{Escape(option.Description)}]{value}")}");
            }
        }

        if (command.Argument.Kind != ValueKind.None)
        {
            script.Append(
                $" \\\n    {Quote($"*:{Escape(command.Argument.Name)}:{Action(command.Argument, function)}")}"
            );
        }

        script.AppendLine(" ;;");
    }

    private static string Action(CompletedValue value, string function) =>
        value.Kind switch
        {
            ValueKind.Choice => $"({string.Join(' ', value.Choices)})",
            ValueKind.File => "_files",
            ValueKind.Process => $"{function}_processes",
            _ => " ",
        };

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("[", "\\[", StringComparison.Ordinal)
            .Replace("]", "\\]", StringComparison.Ordinal)
            .Replace(":", "\\:", StringComparison.Ordinal);

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
