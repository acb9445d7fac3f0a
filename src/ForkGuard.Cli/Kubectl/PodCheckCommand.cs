using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using ForkGuard.Cli.Commands;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Kubectl;

/// <summary><c>kubectl forkguard check POD</c>: <c>forkguard check --pod</c> in the agent of the pod's node.</summary>
internal static class PodCheckCommand
{
    internal static Command Create(KubectlOptions options)
    {
        var pod = KubectlOptions.Pod();
        var output = KubectlOptions.Output("json");
        var command = new ExampleCommand(
            "check",
            "Check every process of a pod now, by its node's agent. Needs the right to exec into the agent; exit codes are those of forkguard check.",
            "check redis-0 -n shop                # every process of the pod",
            "check redis-0 -n shop -o json        # one JSON object per process"
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
                        var owned = await PodReader.ReadAsync(session, result.GetRequiredValue(pod), stop);
                        var agent = await FindAgentAsync(session, owned.Node, stop);
                        string[] format = result.GetValue(output) is { } value ? ["-o", value] : [];
                        return await ExecuteAsync(
                            [
                                .. session.Connection,
                                "exec",
                                $"--namespace={agent.Namespace}",
                                agent.Name,
                                "--",
                                "forkguard",
                                "check",
                                "--pod",
                                owned.Uid,
                                .. format,
                            ],
                            stop
                        );
                    }
                )
        );
        return command;
    }

    private static async Task<(string Namespace, string Name)> FindAgentAsync(
        KubectlSession session,
        string node,
        CancellationToken stop
    )
    {
        var pods = await session.Reader.ListAsync(
            "api/v1/pods",
            $"{ClusterObjects.AllOfForkGuard}%2Capp.kubernetes.io%2Fcomponent%3Dagent&fieldSelector=spec.nodeName%3D{Uri.EscapeDataString(node)}",
            stop
        );
        var agent =
            pods.FirstOrDefault(found => ClusterStatus.IsAgent(found) && ClusterStatus.IsReady(found))
            ?? throw new ClusterException(
                $"no agent is ready on node {node}: kubectl forkguard status shows what is wrong"
            );
        return (agent.NamespaceOf(), agent.NameOf());
    }

    private static async Task<int> ExecuteAsync(IReadOnlyList<string> arguments, CancellationToken stop)
    {
        try
        {
            using var kubectl = Process.Start(new ProcessStartInfo("kubectl", arguments) { UseShellExecute = false });
            await kubectl!.WaitForExitAsync(stop);
            return kubectl.ExitCode;
        }
        catch (Win32Exception)
        {
            StandardError.WriteLine("kubectl is not in PATH, and runs the check in the agent");
            return ExitCode.Unknown;
        }
    }
}
