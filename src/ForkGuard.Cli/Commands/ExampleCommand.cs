using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ForkGuard.Cli.Commands;

/// <summary>A command whose help ends with examples.</summary>
/// <param name="name">The word of the command line.</param>
/// <param name="description">One sentence.</param>
/// <param name="examples">Command lines without the name of the program, each with a comment behind <c>#</c>.</param>
internal sealed class ExampleCommand(string name, string description, params IReadOnlyList<string> examples)
    : Command(name, description)
{
    internal IReadOnlyList<string> Examples => examples;

    /// <summary>Makes the help of a program, which is found below its root, show the examples of its commands.</summary>
    internal static void ShowIn(RootCommand root, string program)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            if (help.Action is SynchronousCommandLineAction action)
            {
                help.Action = new HelpWithExamples(action, program);
            }
        }
    }

    private sealed class HelpWithExamples(SynchronousCommandLineAction help, string program)
        : SynchronousCommandLineAction
    {
        public override bool Terminating => true;

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var exit = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is ExampleCommand command)
            {
                var to = parseResult.InvocationConfiguration.Output;
                to.WriteLine("Examples:");
                foreach (var example in command.Examples)
                {
                    to.WriteLine($"  {program} {example}");
                }
            }

            return exit;
        }
    }
}
