using System.CommandLine;

namespace ForkGuard.Cli.Commands;

/// <summary>The program <c>forkguard</c>.</summary>
internal static class ForkGuardCommand
{
    internal const string Program = "forkguard";

    internal static RootCommand Create()
    {
        var root = new RootCommand(
            "Can every process here still fork? Asks the kernel's own accounting, before it hurts."
        )
        {
            CheckCommand.Create(),
            ExplainCommand.Create(),
            TopCommand.Create(),
            WatchCommand.Create(),
            AgentCommand.Create(),
        };
        root.Subcommands.Add(CompletionCommand.Create(Program, root));
        ExampleCommand.ShowIn(root, Program);
        return root;
    }
}
