using ForkGuard.Api;
using ForkGuard.Controller.Judging;
using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Statuses;

/// <summary>Texts of the events about a target.</summary>
/// <param name="agentNamespace">The namespace of the agents, which is the controller's: for the command that shows more.</param>
internal sealed class EventNotes(string agentNamespace)
{
    /// <summary>What is announced of a target, with its numbers and the remedy.</summary>
    internal string Of(WatchRule rule, Notice notice)
    {
        var (state, announcement, isAbsent, _) = notice;
        var numbers = isAbsent ? "" : $"; {Numbers(state, announcement.Type)}";
        return $"{Subject(state)}: {AnnouncementText.Of(rule, announcement, state.Constraint)}{numbers}";
    }

    /// <summary>Why a target is restarted.</summary>
    internal string WhyRestarted(TargetState state) =>
        $"{Subject(state)} is at {state.Constraint.Percent} % of the limit; "
        + Numbers(state, RiskAnnouncementType.ForkRecovered);

    /// <summary>The container and the process in it, as events on a pod name it; the unit and the process, or the node.</summary>
    internal static string Subject(TargetState state)
    {
        if (state.Process is not { } process)
        {
            return $"node {state.Node}";
        }

        var also = process.ProcessCount is { } count and > 1 ? $", the worst of {count}" : "";
        var pid = process.Pid > 0 ? $" (pid {process.Pid} on {state.Node}{also})" : "";
        var command = PrintableText.Escape(process.Command);
        var place =
            state.Pod is null ? process.SystemdUnit
            : process.Container?.Name is { Length: > 0 } name ? $"container {name}"
            : null;
        return place is null ? $"{command}{pid}" : $"{PrintableText.Escape(place)}, {command}{pid}";
    }

    private string Numbers(TargetState state, RiskAnnouncementType type) =>
        EventNote.Of(
            type,
            state.Process,
            state.Constraint,
            Place.OnNode(state.Node, agentNamespace),
            new AdviceFacts { OvercommitMode = state.OvercommitMode }
        );
}
