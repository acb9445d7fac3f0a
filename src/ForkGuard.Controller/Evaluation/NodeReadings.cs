using System.Collections.Concurrent;
using ForkGuard.Api;

namespace ForkGuard.Controller.Evaluation;

/// <summary>The last report of each node, and the time at which its change was read. The clock is monotonic: clocks of nodes and of this machine may be wrong.</summary>
internal sealed class NodeReadings(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Entry> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (DateTimeOffset? Observed, long Timestamp)> _arrivals = new(
        StringComparer.Ordinal
    );

    /// <summary>Notes when a report came, which may be long before a worker takes it in.</summary>
    internal void Arrived(NodeForkReport report)
    {
        var node = report.Metadata?.Name ?? "";
        var observed = report.Status?.ObservedTime;
        if (!_arrivals.TryGetValue(node, out var last) || last.Observed != observed)
        {
            _arrivals[node] = (observed, time.GetTimestamp());
        }
    }

    /// <summary>The last report of a node; null if it never reported.</summary>
    internal NodeReading? Of(string node) => _nodes.GetValueOrDefault(node)?.Reading;

    /// <summary>How long ago a node's report was seen to change, or first seen; null for an unknown node.</summary>
    internal TimeSpan? SilenceOf(string node) =>
        _nodes.TryGetValue(node, out var entry) ? time.GetElapsedTime(entry.Changed) : null;

    /// <summary>Reports whether the node never reported or has stopped reporting.</summary>
    internal bool IsSilent(string node, TimeSpan after) => SilenceOf(node) is not { } silence || silence >= after;

    /// <summary>Accepts a report from before the start of this controller. Its age is unknown, so it is not evaluated.</summary>
    internal void Prime(NodeForkReport report)
    {
        if (!_nodes.ContainsKey(report.Metadata?.Name ?? ""))
        {
            See(report);
        }
    }

    /// <summary>Takes a report in.</summary>
    /// <returns>The reading if the report changed; null if it did not change, or came for the first time.</returns>
    /// <remarks>A report that is there when the controller starts may be of any age, so it is not evaluated until it changes.</remarks>
    internal NodeReading? See(NodeForkReport report)
    {
        var node = report.Metadata?.Name ?? "";
        var now =
            _arrivals.TryGetValue(node, out var arrival) && arrival.Observed == report.Status?.ObservedTime
                ? arrival.Timestamp
                : time.GetTimestamp();
        var known = _nodes.GetValueOrDefault(node);
        if (known is not null && known.Observed == report.Status?.ObservedTime)
        {
            return null;
        }

        var interval = TimeSpan.FromSeconds(report.Spec?.ScanSeconds ?? WatchDefaults.ScanSeconds);
        var delay = report.Status?.ObservedTime - known?.Observed is { } scanned
            ? ReportDelay.Of(known!.Delay, scanned, time.GetElapsedTime(known.Changed, now), interval)
            : TimeSpan.Zero;
        var reading = report.Status is { ObservedTime: not null } status
            ? new NodeReading
            {
                Node = node,
                Status = status,
                SeenTimestamp = known is null ? null : now - (long)(delay.TotalSeconds * time.TimestampFrequency),
                ScanInterval = interval,
                ReportAtPercent = report.Spec?.ReportAtPercent ?? WatchDefaults.ReportAtPercent,
                LimitChangedTime = known?.Reading?.LimitChangedTime,
            }
            : null;
        var entry = new Entry(report.Status?.ObservedTime, now, delay, reading);
        if (known is null)
        {
            _nodes.TryAdd(node, entry);
            return null;
        }

        _nodes[node] = entry;
        return reading;
    }

    /// <summary>Notes when the node's mode or limit moved.</summary>
    /// <param name="reading">The node's last report.</param>
    /// <param name="limitChanged">When, by the clock of the API server; null if never.</param>
    /// <param name="now">The time of the API server; null while it is unknown, and a move then counts as one of now.</param>
    internal NodeReading Note(NodeReading reading, DateTimeOffset? limitChanged, DateTimeOffset? now)
    {
        var ago = (now ?? limitChanged) - limitChanged;
        var noted = reading with
        {
            LimitChangedTime = limitChanged,
            LimitChangedAgo = ago < TimeSpan.Zero ? TimeSpan.Zero : ago,
        };
        if (_nodes.TryGetValue(reading.Node, out var entry))
        {
            _nodes[reading.Node] = entry with { Reading = noted };
        }

        return noted;
    }

    internal void Forget(string node)
    {
        _nodes.TryRemove(node, out _);
        _arrivals.TryRemove(node, out _);
    }

    private sealed record Entry(DateTimeOffset? Observed, long Changed, TimeSpan Delay, NodeReading? Reading);
}
