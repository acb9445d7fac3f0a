using ForkGuard.Policy.Messages;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Checking;

/// <summary>Where this program runs: in the agent's pod, by the environment that the chart gives it, or on a machine.</summary>
internal static class MachinePlace
{
    internal static Place Here { get; } =
        EnvironmentText.Read("NODE_NAME") is { } node
        && EnvironmentText.Read("POD_NAMESPACE") is { } ns
        && EnvironmentText.Read("POD_NAME") is { } pod
            ? Place.InAgent(node, ns, pod)
            : Place.Host;
}
