namespace ForkGuard.Policy.Messages;

/// <summary>Where a process runs, as far as the commands that show more depend on it.</summary>
public sealed record Place
{
    /// <summary>Labels that the chart gives the agent's pods.</summary>
    public const string ChartAgentSelector = "app.kubernetes.io/name=forkguard,app.kubernetes.io/component=agent";

    /// <summary>A machine on which <c>forkguard</c> is run directly.</summary>
    public static readonly Place Host = new();

    private Place() { }

    /// <summary>Node of a cluster; null for <see cref="Host"/>.</summary>
    public string? Node { get; private init; }

    private string AgentNamespace { get; init; } = "";
    private string? AgentPod { get; init; }
    private string AgentSelector { get; init; } = "";

    /// <summary>A node of a cluster whose agent runs in a pod of a known name.</summary>
    public static Place InAgent(string node, string agentNamespace, string agentPod) =>
        new()
        {
            Node = node,
            AgentNamespace = agentNamespace,
            AgentPod = agentPod,
        };

    /// <summary>A node of a cluster; the command looks the agent's pod up by labels.</summary>
    public static Place OnNode(string node, string agentNamespace, string agentSelector = ChartAgentSelector) =>
        new()
        {
            Node = node,
            AgentNamespace = agentNamespace,
            AgentSelector = agentSelector,
        };

    /// <summary>The command line as it must be typed here.</summary>
    /// <param name="arguments">Of forkguard, such as <c>check 4711</c>.</param>
    public string Command(string arguments)
    {
        if (Node is null)
        {
            return $"forkguard {arguments}";
        }

        var pod =
            AgentPod
            ?? $"\"$(kubectl get pod -n {AgentNamespace} -l {AgentSelector} --field-selector spec.nodeName={Node} -o name)\"";
        return $"kubectl exec -n {AgentNamespace} {pod} -- forkguard {arguments}";
    }
}
