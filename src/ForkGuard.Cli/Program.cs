using ForkGuard.Cli.Commands;
using ForkGuard.Cli.Kubectl;

// kubectl finds its plugins by their names: the same file is one of them under that name.
var isPlugin = Path.GetFileName(Environment.GetCommandLineArgs()[0]) == KubectlCommand.Program;
return await CommandLine.RunAsync(
    isPlugin ? KubectlCommand.Create() : ForkGuardCommand.Create(),
    isPlugin ? KubectlCommand.Program : ForkGuardCommand.Program,
    args
);
