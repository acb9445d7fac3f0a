using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Restarts;

/// <summary>One reason not to restart.</summary>
/// <param name="Reason">Its name.</param>
/// <param name="Message">A short sentence without a full stop that names the numbers behind it.</param>
public sealed record Veto(BlockReason Reason, string Message);

/// <summary>The vetoes that need the cluster; those that follow from the watch and the reading alone are the judgement's.</summary>
public static class RestartGates
{
    private const int ScansUntilStale = 3;

    private delegate string? Gate(RestartPolicy policy, RestartFacts facts, RestartBudget budget, DateTimeOffset now);

    // First what makes the rest meaningless, last what passes by itself: the first veto is the one that users read.
    private static readonly (BlockReason Reason, Gate Objects)[] Gates =
    [
        (BlockReason.NotLeader, (_, facts, _, _) => facts.IsLeader ? null : "another controller leads"),
        (BlockReason.StaleReport, StaleReport),
        (BlockReason.ReportMismatch, ReportMismatch),
        (BlockReason.Terminating, Terminating),
        (BlockReason.Static, Static),
        (BlockReason.Critical, Critical),
        (BlockReason.Unmanaged, Unmanaged),
        (BlockReason.Job, Job),
        (BlockReason.OptedOut, (_, facts, _, _) => facts.Pod?.OptOut),
        (BlockReason.LocalStorage, LocalStorage),
        (BlockReason.GaveUp, GaveUp),
        (BlockReason.MinReadyReplicas, MinReadyReplicas),
        (BlockReason.OutsideWindow, OutsideWindow),
        (BlockReason.Cooldown, Cooldown),
        (BlockReason.Budget, Budget),
        (BlockReason.DisruptionBudget, DisruptionBudget),
    ];

    /// <summary>Gives all that speaks against a restart now, the most telling first; empty if nothing does.</summary>
    public static IReadOnlyList<Veto> Vetoes(
        RestartPolicy policy,
        RestartFacts facts,
        RestartBudget budget,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(budget);
        var vetoes = new List<Veto>();
        foreach (var (reason, objects) in Gates)
        {
            if (objects(policy, facts, budget, now) is { } message)
            {
                vetoes.Add(new Veto(reason, message));
            }
        }

        return vetoes;
    }

    private static string? StaleReport(RestartPolicy policy, RestartFacts facts, RestartBudget b, DateTimeOffset now)
    {
        var age = now - facts.Report.SeenTime;
        var most = facts.Report.ScanInterval * ScansUntilStale;
        return age > most || age < TimeSpan.Zero
            ? $"the report of node {facts.Report.Node} is {Seconds(age)} old (three scans are {Seconds(most)})"
            : null;
    }

    private static string? ReportMismatch(RestartPolicy p, RestartFacts facts, RestartBudget b, DateTimeOffset now) =>
        facts.Pod is not { } pod ? "the pod is gone"
        : !string.Equals(pod.Uid, facts.Report.PodUid, StringComparison.Ordinal) && !pod.IsStatic
            ? "the pod was replaced by another one of the same name"
        : !string.Equals(pod.Node, facts.Report.Node, StringComparison.Ordinal)
            ? $"the pod runs on node {pod.Node ?? "(none)"}, and node {facts.Report.Node} reported it"
        : null;

    private static string? Terminating(RestartPolicy p, RestartFacts facts, RestartBudget b, DateTimeOffset now) =>
        facts.Pod is { IsTerminating: true } ? "the pod is ending already" : null;

    private static string? Static(RestartPolicy p, RestartFacts facts, RestartBudget b, DateTimeOffset now) =>
        facts.Pod is { IsStatic: true }
            ? "a static pod is run by the kubelet from a file and is never restarted"
            : null;

    private static string? Critical(RestartPolicy p, RestartFacts facts, RestartBudget b, DateTimeOffset now) =>
        facts.Pod is { IsCritical: true } ? "the pod has a system-critical priority" : null;

    private static string? Unmanaged(RestartPolicy p, RestartFacts facts, RestartBudget b, DateTimeOffset now) =>
        facts.Pod is { Owner: null, IsStatic: false } ? "the pod has no controller that would make it anew" : null;

    private static string? Job(RestartPolicy p, RestartFacts facts, RestartBudget b, DateTimeOffset now) =>
        facts.Pod?.Owner is { } owner && (owner.Kind is "Job" or "CronJob" || facts.Pod.RunsToCompletion)
            ? $"the work of {owner.Kind} {owner.Name} would be lost"
            : null;

    private static string? LocalStorage(
        RestartPolicy policy,
        RestartFacts facts,
        RestartBudget b,
        DateTimeOffset now
    ) =>
        facts.Pod is { HasLocalStorage: true } && !policy.AllowLocalStorage
            ? "the data in the pod's emptyDir would go (restart.allowLocalStorage is false)"
            : null;

    private static string? GaveUp(RestartPolicy policy, RestartFacts facts, RestartBudget b, DateTimeOffset now) =>
        facts.Ledger.Ineffective >= policy.GiveUpAfter
            ? $"{facts.Ledger.Ineffective} restarts within a day did not help (restart.giveUpAfter is {policy.GiveUpAfter})"
            : null;

    private static string? MinReadyReplicas(
        RestartPolicy policy,
        RestartFacts facts,
        RestartBudget b,
        DateTimeOffset now
    ) =>
        facts.Pod?.Owner is { } owner && owner.OtherReady < policy.MinReadyReplicas
            ? $"{owner.OtherReady} other replicas of {owner.Kind} {owner.Name} are Ready "
                + $"(restart.minReadyReplicas is {policy.MinReadyReplicas})"
            : null;

    private static string? OutsideWindow(
        RestartPolicy policy,
        RestartFacts facts,
        RestartBudget b,
        DateTimeOffset now
    ) => RestartWindows.IsOpen(policy.Windows, now) ? null : "no restart window is open";

    private static string? Cooldown(RestartPolicy policy, RestartFacts facts, RestartBudget b, DateTimeOffset now)
    {
        if (facts.Ledger.LastRestart is not { } last || now - last >= policy.Cooldown)
        {
            return null;
        }

        var was = facts.Ledger.LastRestartWasDry ? "would have been" : "was";
        return $"the owner {was} restarted by {facts.Ledger.LastRestartBy ?? "a watch"} at {last.UtcDateTime:HH:mm:ss} UTC, "
            + $"{Seconds(last + policy.Cooldown - now)} of the cooldown are left";
    }

    private static string? Budget(RestartPolicy policy, RestartFacts facts, RestartBudget budget, DateTimeOffset now) =>
        facts.Ledger switch
        {
            { IsFull: true } => $"the watch's ledger of owners is full ({OwnerLedger.MaxOwners})",
            // The ledger holds one restart of an owner: another would overwrite it, and nobody would see it through.
            { OpenOfOwner: > 0 } => "a restart of the owner is under way",
            { OpenOfWatch: var open } when open >= policy.MaxConcurrent =>
                $"{open} restarts of this watch are under way (restart.maxConcurrent is {policy.MaxConcurrent})",
            { OpenOnNode: var open } when open >= budget.MaxPerNode =>
                $"{open} restarts on node {facts.Report.Node} are under way (at most {budget.MaxPerNode})",
            { StartedLately: var started } when started >= budget.MaxInTenMinutes =>
                $"{started} restarts within ten minutes (at most {budget.MaxInTenMinutes})",
            _ => null,
        };

    private static string? DisruptionBudget(
        RestartPolicy policy,
        RestartFacts facts,
        RestartBudget b,
        DateTimeOffset now
    ) =>
        policy.Method == RestartMethod.Evict && facts.DisruptionBlockedUntil > now
            ? $"a PodDisruptionBudget does not allow the eviction before {facts.DisruptionBlockedUntil.Value.UtcDateTime:HH:mm:ss} UTC"
            : null;

    // Rounded up, so that nothing that is left or too old is called 0 s.
    private static string Seconds(TimeSpan time) => SizeText.Duration((long)Math.Ceiling(time.TotalSeconds));
}
