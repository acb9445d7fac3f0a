using ForkGuard.Api;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Agent.Reporting;

/// <summary>Ready and Degraded, each with the time it became what it is.</summary>
internal sealed class StatusConditions
{
    private readonly Dictionary<string, Condition> _conditions = new(StringComparer.Ordinal);

    /// <summary>Takes over the transition time where an earlier agent wrote the same status.</summary>
    internal void Continue(IReadOnlyList<Condition>? earlier)
    {
        foreach (var condition in earlier ?? [])
        {
            if (
                condition.LastTransitionTime is not null
                && _conditions.TryGetValue(condition.Type, out var now)
                && now.Status == condition.Status
                && condition.LastTransitionTime < now.LastTransitionTime
            )
            {
                _conditions[condition.Type] = now with { LastTransitionTime = condition.LastTransitionTime };
            }
        }
    }

    internal IReadOnlyList<Condition> Of(Degradation? degradation, DateTimeOffset now) =>
        [
            Next("Ready", "True", "Scanning", "the agent scans this node and reports", now),
            degradation is null
                ? Next("Degraded", "False", "AllReadable", "the mappings of all processes can be read", now)
                : Next("Degraded", "True", degradation.Reason, degradation.Message, now),
        ];

    private Condition Next(string type, string status, string reason, string message, DateTimeOffset now)
    {
        var since =
            _conditions.TryGetValue(type, out var last) && last.Status == status ? last.LastTransitionTime : now;
        return _conditions[type] = new Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastTransitionTime = since,
        };
    }
}
