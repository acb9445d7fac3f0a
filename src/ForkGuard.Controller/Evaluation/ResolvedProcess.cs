using ForkGuard.Api;
using ForkGuard.Controller.Cluster;

namespace ForkGuard.Controller.Evaluation;

/// <summary>A reported process with its pod in the cluster.</summary>
/// <param name="Report">The process.</param>
/// <param name="Pod">Its pod; null for a host process.</param>
/// <param name="Reference">The pod by name and uid in the API, which a static pod's report does not carry.</param>
internal sealed record ResolvedProcess(ProcessReport Report, Pod? Pod, PodReference? Reference);

/// <summary>A list of a report with the pods of its processes.</summary>
/// <param name="Processes">Those whose pod is the one in the report, worst first.</param>
/// <param name="Mismatched">Uids of the pods of all others: their absence from <paramref name="Processes"/> proves nothing.</param>
/// <param name="AbsentBelow">Processes that the report does not name are below this percentage of every constraint.</param>
internal sealed record ResolvedProcesses(
    IReadOnlyList<ResolvedProcess> Processes,
    IReadOnlySet<string> Mismatched,
    int AbsentBelow
);
