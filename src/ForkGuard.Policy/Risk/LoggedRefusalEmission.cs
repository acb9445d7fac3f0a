using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Risk;

/// <summary>Refusals that are due for an event: each command or cgroup at most once in ten minutes, and nothing is lost.</summary>
public sealed class LoggedRefusalEmission
{
    private const int MaxMissing = 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private Dictionary<(OpenEnum<RefusalKind> Kind, string Name), Emitted> _emitted = [];

    /// <summary>Takes what is due, with the refusals since the last event of the name.</summary>
    /// <param name="counts">
    /// Counts of the node. One that is missing, since a report has only the latest, is forgotten ten minutes after its last event; one
    /// that started again has its next event ten minutes after the last.
    /// </param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<RefusalReport> TakeDue(IReadOnlyList<RefusalReport> counts, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var due = new List<RefusalReport>();
        var emitted = new Dictionary<(OpenEnum<RefusalKind> Kind, string Name), Emitted>();
        foreach (var count in counts)
        {
            var key = (count.Kind, count.Name);
            if (!_emitted.TryGetValue(key, out var last))
            {
                due.Add(count);
                emitted[key] = new Emitted(count.Count, count.Since, now);
                continue;
            }

            if (count.Count < last.Count || count.Since > last.Since)
            {
                // The count was given up for those of other names, or the agent started again.
                last = last with
                {
                    Count = 0,
                    Since = count.Since,
                };
            }

            if (count.Count > last.Count && (now - last.Time >= Interval || now < last.Time))
            {
                due.Add(count with { Count = count.Count - last.Count, Since = last.Time });
                emitted[key] = last with { Count = count.Count, Time = now };
            }
            else
            {
                emitted[key] = last;
            }
        }

        var missing = _emitted
            .Where(last => !emitted.ContainsKey(last.Key) && (now - last.Value.Time).Duration() < Interval)
            .OrderByDescending(last => last.Value.Time)
            .Take(MaxMissing)
            .ToList();
        missing.ForEach(last => emitted.Add(last.Key, last.Value));
        _emitted = emitted;
        return due;
    }

    /// <summary>The last event of a count.</summary>
    /// <param name="Count">The count at the last event.</param>
    /// <param name="Since">When the count began.</param>
    /// <param name="Time">Time of the last event.</param>
    private readonly record struct Emitted(long Count, DateTimeOffset Since, DateTimeOffset Time);
}
