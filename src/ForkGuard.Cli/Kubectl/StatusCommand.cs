using System.CommandLine;
using ForkGuard.Cli.Commands;

namespace ForkGuard.Cli.Kubectl;

/// <summary><c>kubectl forkguard status</c>: one screen.</summary>
internal static class StatusCommand
{
    internal static Command Create(KubectlOptions options)
    {
        var output = KubectlOptions.Output("json|yaml");
        var command = new ExampleCommand(
            "status",
            "Show agents, modes, watches, restarts, and what is wrong with its remedy. Exit code 1: something is wrong.",
            "status                               # one screen",
            "status --context staging -o json     # of another cluster, as JSON"
        )
        {
            output,
        };
        command.SetAction(
            (result, stop) =>
                options.RunAsync(
                    result,
                    async session =>
                    {
                        var status = new ClusterStatus(await ClusterObjects.ReadAsync(session.Reader, stop));
                        if (result.GetValue(output) is { } format)
                        {
                            ObjectOutput.Write(Console.Out, status.ToJson(), format);
                        }
                        else
                        {
                            foreach (var line in status.Lines())
                            {
                                Console.WriteLine(line);
                            }
                        }

                        return status.Problems.Count == 0 ? ExitCode.Fine : ExitCode.AtRisk;
                    }
                )
        );
        return command;
    }
}
