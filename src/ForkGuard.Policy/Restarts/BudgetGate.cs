using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>The budgets: restarts in progress at once of a watch, and on a node, in a zone, a namespace and the cluster.</summary>
internal static class BudgetGate
{
    internal static string? Budget(GateInput input)
    {
        var (request, budget) = (input.Request, input.Budget);
        var state = RestartRecords.StateOf(input.Record);
        if (input.IsOwn && state is RestartState.Called or RestartState.Replacing)
        {
            return null;
        }

        // Of two that were decided at the same moment the one that was written later withdraws.
        var earlier = input.Facts.Open.Where(open => !IsLater(open, input)).ToList();
        var zone = input.Facts.Node?.Zone;
        return Over(
                earlier,
                open => Same(open.WatchUid, request.Watch.Uid),
                request.Policy.MaxConcurrent,
                "of this watch"
            )
            ?? Over(earlier, open => Same(open.Node, request.Node), budget.MaxPerNode, $"on node {request.Node}")
            ?? (
                zone is null ? null : Over(earlier, open => Same(open.Zone, zone), budget.MaxPerZone, $"in zone {zone}")
            )
            ?? Over(
                earlier,
                open => Same(open.Namespace, request.Pod.Namespace),
                budget.MaxPerNamespace,
                $"in namespace {request.Pod.Namespace}"
            )
            ?? Over(earlier, _ => true, budget.MaxInCluster, "in the cluster");
    }

    private static string? Over(List<OpenRestart> open, Func<OpenRestart, bool> counts, int max, string where)
    {
        var count = open.Count(counts);
        return count < max ? null
            : count == 1 ? $"1 restart {where} is in progress (at most {max})"
            : $"{count} restarts {where} are in progress (at most {max})";
    }

    private static bool IsLater(OpenRestart open, GateInput input) =>
        input is { IsOwn: true, Version: { } own } && open.State == RestartState.Decided && IsAfter(open.Version, own);

    // Resource versions are whole numbers.
    private static bool IsAfter(string version, string other) =>
        version.Length != other.Length ? version.Length > other.Length : string.CompareOrdinal(version, other) > 0;

    private static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.Ordinal);
}
