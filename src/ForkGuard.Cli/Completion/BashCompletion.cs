using System.Text;

namespace ForkGuard.Cli.Completion;

/// <summary>Completion for bash.</summary>
internal static class BashCompletion
{
    internal static string Of(CompletionModel model)
    {
        var function = $"_{model.Program.Replace('-', '_')}";
        var script = new StringBuilder();
        script.Append(
            $$"""
            # bash completion of {{model.Program}}, written by `{{model.Program}} completion bash`.
            {{function}}() {
              local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= i
              for ((i = 1; i < COMP_CWORD; i++)); do
                case ${COMP_WORDS[i]} in
                {{string.Join('|', model.Commands.Select(command => command.Name))}}) command=${COMP_WORDS[i]}; break ;;
                esac
              done
              COMPREPLY=()
              case $command in

            """
        );
        foreach (var command in model.Commands)
        {
            Add(script, command);
        }

        var names = string.Join(' ', model.Commands.Select(command => command.Name));
        script.Append(
            $$"""
              *) mapfile -t COMPREPLY < <(compgen -W '{{names}}' -- "$word") ;;
              esac
            }
            # Names with other characters are left out: compgen would evaluate them.
            {{function}}_processes() { cat /proc/[0-9]*/comm 2>/dev/null | grep -x '[A-Za-z0-9._+-]*' | sort -u; }
            complete -F {{function}} {{model.Program}}

            """
        );
        return script.ToString().Replace("@processes@", $"{function}_processes", StringComparison.Ordinal);
    }

    private static void Add(StringBuilder script, CompletedCommand command)
    {
        script.AppendLine($"  {command.Name})");
        script.AppendLine("    case $previous in");
        foreach (var option in command.Options.Where(option => option.Value.Kind != ValueKind.None))
        {
            script.AppendLine($"    {string.Join('|', option.Names)}) {Words(option.Value)}; return ;;");
        }

        script.AppendLine("    esac");
        var names = string.Join(' ', command.Options.SelectMany(option => option.Names));
        script.AppendLine("    if [[ $word == -* ]]; then");
        script.AppendLine($"      mapfile -t COMPREPLY < <(compgen -W '{names}' -- \"$word\")");
        if (command.Argument.Kind is not (ValueKind.None or ValueKind.Text))
        {
            script.AppendLine("    else");
            script.AppendLine($"      {Words(command.Argument)}");
        }

        script.AppendLine("    fi ;;");
    }

    private static string Words(CompletedValue value) =>
        value.Kind switch
        {
            ValueKind.Choice =>
                $"mapfile -t COMPREPLY < <(compgen -W '{string.Join(' ', value.Choices)}' -- \"$word\")",
            ValueKind.File => "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$word\")",
            ValueKind.Process => "mapfile -t COMPREPLY < <(compgen -W \"$(@processes@)\" -- \"$word\")",
            _ => ":",
        };
}
