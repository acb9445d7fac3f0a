using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Restarts;

/// <summary>Gates about the controller, its reading, and the API server's last answer.</summary>
internal static class ControllerGates
{
    private const int ScansUntilStale = 3;

    internal static string? Conflict(GateInput input) =>
        input.Facts.OtherInstallation is { } other ? $"another installation restarts this workload ({other})"
        : RestartRecords.StateOf(input.Record) is null
            ? $"the record is in state {PrintableText.Escape(input.Record!.State!.Value.Text)}, which this version does not know"
        : null;

    internal static string? CircuitOpen(GateInput input) =>
        CircuitBreaker.OpenUntil(input.Facts.Failures, input.Now) is { } until
            ? $"{CircuitBreaker.Failures} restarts {RestartText.Place(input.Request.Pod)} failed within an hour; no restarts before {until.UtcDateTime:HH:mm:ss} UTC"
            : null;

    internal static string? StaleReading(GateInput input)
    {
        var max = input.Request.ScanInterval * ScansUntilStale;
        return input.Request.ReadingAge is not { } age
                ? $"no report of node {input.Request.Node} names the pod since this controller started"
            : age > max || age < TimeSpan.Zero
                ? $"the reading of node {input.Request.Node} is {RestartGates.Seconds(age)} old (three scans are {RestartGates.Seconds(max)})"
            : null;
    }

    internal static string? DisruptionBudget(GateInput input) =>
        input.Request.Policy.Method != RestartMethod.Evict ? null
        : input.Facts.DisruptionBudgets > 1
            ? $"{input.Facts.DisruptionBudgets} PodDisruptionBudgets select the pod, and the API server evicts no such pod"
        : BlockedBy(input, BlockReason.DisruptionBudget);

    internal static string? Refused(GateInput input) =>
        input.Facts.Siblings.Count > RestartRecords.MaxSiblings
            ? $"the workload has {input.Facts.Siblings.Count} pods (at most {RestartRecords.MaxSiblings})"
            : BlockedBy(input, BlockReason.Refused);

    internal static string? BlockedBy(GateInput input, BlockReason reason) =>
        input.Facts.Blocked is { } blocked && blocked.Reason == reason ? blocked.Message : null;

    internal static string? DryRun(GateInput input) =>
        input.Request is { IsDryRun: true } request
            ? $"would restart it by {request.Method ?? request.Policy.Method}; {request.Reason}"
            : null;
}
