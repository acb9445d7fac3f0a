using ForkGuard.Cli.Commands;
using ForkGuard.Cli.Kubectl;
using ForkGuard.Kernel.Procfs;

// The runtime unpacks its types when it starts, and never reads the packed ones again.
ProgramPages.Release();

// kubectl finds its plugins by their names: the same file is one of them under that name.
return ProgramName.Read() switch
{
    KubectlCommand.Program => await CommandLine.RunAsync(KubectlCommand.Create(), KubectlCommand.Program, args),
    KubectlCommand.CompletionProgram => KubectlCompletion.Run(args),
    _ => await CommandLine.RunAsync(ForkGuardCommand.Create(), ForkGuardCommand.Program, args),
};
