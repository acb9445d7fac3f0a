using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>
/// Ends a restart whose objects cannot be read once its time-out has passed, by its record and the clock alone. Times of the
/// record that are in the future are corrected before, because that time-out would never pass.
/// </summary>
internal static class UnreadableRun
{
    /// <summary>The step that ends the restart in progress or corrects its times; null if neither is due, or without a restart.</summary>
    /// <param name="input">The record, the term and the time. Its facts are those of the caches.</param>
    /// <param name="owner">The workload of the record.</param>
    internal static RestartStep? End(RestartInput input, RestartOwner owner)
    {
        if (input.Record is not { Restart: { } run } record || !IsOfSameLease(record, input.Writer))
        {
            return null;
        }

        // Nothing is known to have changed: the machine then ends a restart by its time-outs only.
        var step = RestartMachine.Step(
            input with
            {
                Request = null,
                Answer = null,
                Facts = input.Facts with
                {
                    Pod = new PodFacts { Uid = run.Pod.Uid ?? "", Node = run.Node },
                    Owner = OwnerReader.Unchanged(owner, run),
                    Siblings = run.Replacement is { } replacement ? [Of(replacement, run)] : [],
                },
            }
        );
        return step.Put is { Restart: null } || step.Continue ? step : null;
    }

    // A record of another Lease may be that of another installation, so it has to be read.
    private static bool IsOfSameLease(ForkRestartStatus record, RestartWriter writer) =>
        record.Writer is null || string.Equals(record.Writer.LeaseUid, writer.LeaseUid, StringComparison.Ordinal);

    private static SiblingPod Of(ReplacementPod replacement, RestartRun run) =>
        new(
            replacement.Pod.Uid ?? "",
            replacement.Pod.Name,
            replacement.Node,
            run.ControllerUid,
            IsReady: true,
            IsTerminating: false
        );
}
