using System.Globalization;

namespace ForkGuard.ControllerLoad;

/// <summary>How large the cluster is; the numbers of the design unless the command line gives others.</summary>
internal sealed record ClusterSize(int Nodes, int Watches, int PodsPerNode)
{
    /// <summary>Watches of one namespace; each selects the pods of one app there.</summary>
    internal const int WatchesPerNamespace = 10;

    internal int Pods => Nodes * PodsPerNode;
    internal int Namespaces => Watches / WatchesPerNamespace;

    /// <exception cref="ArgumentException">A number is missing, or is none.</exception>
    internal static ClusterSize From(string[] arguments)
    {
        if (arguments.Length == 0)
        {
            return new ClusterSize(Nodes: 5000, Watches: 500, PodsPerNode: 4);
        }

        int[] numbers =
        [
            .. arguments.Select(word =>
                int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0
            ),
        ];
        return numbers is [> 0, >= WatchesPerNamespace, > 0]
            ? new ClusterSize(numbers[0], numbers[1], numbers[2])
            : throw new ArgumentException(
                $"usage: ForkGuard.ControllerLoad [NODES WATCHES PODS-PER-NODE], with {WatchesPerNamespace} watches at least",
                nameof(arguments)
            );
    }

    internal static string NodeName(int node) => $"node-{node:D5}";

    internal string NamespaceOf(int pod) => $"load-{pod % Namespaces}";

    internal string AppOf(int pod) => $"app-{pod / Namespaces % WatchesPerNamespace}";

    internal static string PodName(int pod) => $"pod-{pod:D6}";

    internal int NodeOf(int pod) => pod % Nodes;
}
