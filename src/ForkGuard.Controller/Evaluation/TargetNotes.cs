using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Evaluation;

/// <summary>Texts of the events about a target.</summary>
/// <param name="agentNamespace">The namespace of the agents, which is the controller's: for the command that shows more.</param>
internal sealed class TargetNotes(string agentNamespace)
{
    /// <summary>The text of an announcement of a target, with its numbers and the remedy.</summary>
    internal string Of(WatchRule rule, Notification notification)
    {
        var (state, announcement, isAbsent, _) = notification;
        var numbers = isAbsent ? "" : $"; {Numbers(state, announcement.Type)}";
        var sentence = AnnouncementText.Of(rule, announcement, state.Process, state.Constraint);
        return $"{Subject(state)}: {sentence}{numbers}";
    }

    /// <summary>Why a target is restarted.</summary>
    internal string WhyRestarted(TargetState state) =>
        $"{Subject(state)} is at {state.Constraint.Percent} % of the limit; "
        + Numbers(state, RiskAnnouncementType.ForkRecovered);

    /// <summary>The process as events on its pod or node name it.</summary>
    internal static string Subject(TargetState state) => ProcessSubject.Of(state.Process, state.Node);

    private string Numbers(TargetState state, RiskAnnouncementType type) =>
        EventNote.Of(
            type,
            state.Process,
            state.Constraint,
            Place.OnNode(state.Node, agentNamespace),
            new AdviceFacts { OvercommitMode = state.OvercommitMode, HasSwap = state.HasSwap }
        );
}
