using ForkGuard.Api;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Agent.Reporting;

/// <summary>Reasons for writing a report.</summary>
internal enum WriteReason
{
    None,

    /// <summary>Nothing was written yet, or the report is gone.</summary>
    First,

    /// <summary>A process is above the threshold of every scan: holds and gates need fresh readings.</summary>
    AboveThreshold,

    /// <summary>A process was above it in the last written report, and none is now.</summary>
    BelowThreshold,

    /// <summary>Mode, verdict, binding constraint, entries, a band of some constraint or a condition changed.</summary>
    Changed,

    /// <summary>The last write is minutes ago.</summary>
    Heartbeat,
}

/// <summary>Decides when a report is worth a write, by the last one that was written; time is an argument.</summary>
internal sealed class WritePolicy(Func<double> random)
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMinutes(5);

    private WrittenReport? _written;
    private DateTimeOffset _heartbeatDue;

    /// <summary>The reason for writing this scan now; None if there is none.</summary>
    internal WriteReason Ask(
        NodeScan scan,
        IReadOnlyList<Condition> conditions,
        ReportSettings settings,
        DateTimeOffset now
    )
    {
        if (_written is null)
        {
            return WriteReason.First;
        }

        if (IsAboveThreshold(scan, settings))
        {
            return WriteReason.AboveThreshold;
        }

        if (_written.WasAboveThreshold)
        {
            return WriteReason.BelowThreshold;
        }

        var isChanged = _written.DiffersFrom(scan, conditions, settings);
        return isChanged ? WriteReason.Changed
            : now >= _heartbeatDue || now < _written.Time ? WriteReason.Heartbeat
            : WriteReason.None;
    }

    /// <summary>The API server has taken it. The next heartbeat comes within five minutes, not at one time for all nodes.</summary>
    internal void Written(
        NodeScan scan,
        IReadOnlyList<Condition> conditions,
        ReportSettings settings,
        DateTimeOffset now
    )
    {
        _written = WrittenReport.Of(scan, conditions, IsAboveThreshold(scan, settings), now);
        _heartbeatDue = now + (Heartbeat * (0.8 + (0.2 * random())));
    }

    /// <summary>The report is gone.</summary>
    internal void Forget() => _written = null;

    // A what-if has its hold as well, and is evaluated by readings of every scan.
    private static bool IsAboveThreshold(NodeScan scan, ReportSettings settings) =>
        scan.Constraints.Any(settings.IsAboveThreshold)
        || scan.Processes.Any(process => settings.IsAboveThreshold(process.Report))
        || scan.WhatIf.Any(whatIf => whatIf.Processes.Any(process => settings.IsAboveThreshold(process.Report)));
}
