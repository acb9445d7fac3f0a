using System.CommandLine;
using ForkGuard.Cli.Commands;

namespace ForkGuard.Cli.Kubectl;

/// <summary>The program <c>kubectl-forkguard</c>, which kubectl runs as <c>kubectl forkguard</c>.</summary>
internal static class KubectlCommand
{
    internal const string Program = "kubectl-forkguard";

    /// <summary>Name by which kubectl asks for the words that complete a line.</summary>
    internal const string CompletionProgram = "kubectl_complete-forkguard";

    private const string Typed = "kubectl forkguard";

    internal static RootCommand Create()
    {
        var options = new KubectlOptions();
        var root = new RootCommand("Can every process in this cluster still fork? Shows the reports of ForkGuard.")
        {
            StatusCommand.Create(options),
            ClusterTopCommand.Create(options),
            WhyCommand.Create(options),
            PodCheckCommand.Create(options),
        };
        options.AddTo(root);
        ExampleCommand.ShowIn(root, Typed);
        return root;
    }
}
