using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Agent.Reporting;

/// <summary>The last written report, as far as later scans are compared with it.</summary>
internal sealed record WrittenReport
{
    private readonly Dictionary<string, (string Status, string? Reason)> _conditions;
    private readonly Dictionary<EntryKey, WrittenEntry> _entries;
    private readonly Dictionary<BandKey, Band> _bands;
    private readonly IReadOnlyList<EvaluationMode> _whatIf;
    private readonly HashSet<(OpenEnum<RefusalKind> Kind, string Name)> _refusals;
    private readonly int _mode;

    private WrittenReport(NodeScan scan, IReadOnlyList<Condition> conditions)
    {
        _mode = scan.Kernel.OvercommitMode;
        _whatIf = [.. scan.WhatIf.Select(whatIf => whatIf.Rule)];
        _conditions = conditions.ToDictionary(c => c.Type, c => (c.Status, c.Reason), StringComparer.Ordinal);
        _entries = EntriesOf(scan);
        _bands = BandsOf(scan);
        _refusals = [.. RefusalsOf(scan)];
    }

    internal DateTimeOffset Time { get; private init; }

    /// <summary>Some process was above the threshold of every scan.</summary>
    internal bool WasAboveThreshold { get; private init; }

    internal static WrittenReport Of(
        NodeScan scan,
        IReadOnlyList<Condition> conditions,
        bool isAboveThreshold,
        DateTimeOffset now
    ) => new(scan, conditions) { Time = now, WasAboveThreshold = isAboveThreshold };

    internal bool DiffersFrom(NodeScan scan, IReadOnlyList<Condition> conditions, ReportSettings settings)
    {
        if (
            scan.Kernel.OvercommitMode != _mode
            || !scan.WhatIf.Select(whatIf => whatIf.Rule).SequenceEqual(_whatIf)
            || RefusalsOf(scan).Any(refusal => !_refusals.Contains(refusal))
            || conditions.Any(c => !_conditions.TryGetValue(c.Type, out var then) || then != (c.Status, c.Reason))
        )
        {
            return true;
        }

        var entries = EntriesOf(scan);
        var bands = BandsOf(scan);
        return entries.Any(e => _entries.TryGetValue(e.Key, out var then) && e.Value.DiffersFrom(then))
            || bands.Any(b =>
                _bands.TryGetValue(b.Key, out var then) ? b.Value.DiffersFrom(then) : b.Value.IsSurelyIn(settings)
            )
            || _bands.Any(b => !bands.ContainsKey(b.Key) && b.Value.IsSurelyIn(settings));
    }

    // Higher counts of a known name wait for the heartbeat: a refusal in the log may be one of thousands.
    private static IEnumerable<(OpenEnum<RefusalKind> Kind, string Name)> RefusalsOf(NodeScan scan) =>
        (scan.Refusals ?? []).Select(refusal => (refusal.Kind, refusal.Name));

    private static Dictionary<EntryKey, WrittenEntry> EntriesOf(NodeScan scan)
    {
        var entries = new Dictionary<EntryKey, WrittenEntry>();
        foreach (var (rule, process) in AllOf(scan))
        {
            entries.TryAdd(new EntryKey(rule, process.Group), WrittenEntry.Of(process.Report));
        }

        return entries;
    }

    private static Dictionary<BandKey, Band> BandsOf(NodeScan scan)
    {
        var bands = new Dictionary<BandKey, Band>();
        foreach (var constraint in scan.Constraints)
        {
            bands[BandKey.OfNode(constraint)] = Band.Of(constraint);
        }

        foreach (var (rule, process) in AllOf(scan))
        {
            foreach (var constraint in process.Report.Constraints ?? [])
            {
                bands[BandKey.Of(rule, process.Group, constraint)] = Band.Of(constraint);
            }
        }

        return bands;
    }

    private static IEnumerable<(EvaluationMode? Rule, ScannedProcess Process)> AllOf(NodeScan scan) =>
        scan
            .Processes.Select(process => ((EvaluationMode?)null, process))
            .Concat(scan.WhatIf.SelectMany(w => w.Processes.Select(process => ((EvaluationMode?)w.Rule, process))));

    /// <param name="Rule">The what-if whose list has it; null for the kernel's own rule.</param>
    /// <param name="Group">The processes that it stands for; the first entry of a group is its worst.</param>
    private readonly record struct EntryKey(EvaluationMode? Rule, ProcessGroup Group);
}
