using System.CommandLine;
using ForkGuard.Cli.Commands;

namespace ForkGuard.Cli.Kubectl;

/// <summary><c>kubectl forkguard why POD</c>: constraints, watches, restarts and events of a pod.</summary>
internal static class WhyCommand
{
    internal static Command Create(KubectlOptions options)
    {
        var pod = KubectlOptions.Pod();
        var output = KubectlOptions.Output("json|yaml");
        var command = new ExampleCommand(
            "why",
            "Explain a pod: every constraint, its watches with the gate that holds a restart back, restarts and events.",
            "why redis-0 -n shop                  # one pod",
            "why redis-0 -n shop -o yaml          # for a bug report"
        )
        {
            pod,
            output,
        };
        command.SetAction(
            (result, stop) =>
                options.RunAsync(
                    result,
                    async session =>
                    {
                        await ClusterObjects.RequireInstalledAsync(session.Reader, stop);
                        var owned = await PodReader.ReadAsync(session, result.GetRequiredValue(pod), stop);
                        var history = await PodHistory.ReadAsync(session, owned, stop);
                        if (result.GetValue(output) is { } format)
                        {
                            ObjectOutput.Write(Console.Out, history.ToJson(), format);
                            return ExitCode.Fine;
                        }

                        foreach (var line in history.Lines())
                        {
                            Console.WriteLine(line);
                        }

                        return ExitCode.Fine;
                    }
                )
        );
        return command;
    }
}
