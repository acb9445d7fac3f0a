using System.CommandLine;
using ForkGuard.Cli.Commands;

var root = new RootCommand("Can every process here still fork? Asks the kernel's own accounting, before it hurts.")
{
    CheckCommand.Create(),
    ExplainCommand.Create(),
    TopCommand.Create(),
    WatchCommand.Create(),
    AgentCommand.Create(),
};
return await CommandLine.RunAsync(root, args);
