using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Evaluation;

/// <summary>The tracker of every valid watch.</summary>
internal sealed class TargetTrackers(TimeProvider time)
{
    private const string OtherConstraint = "Other";

    private readonly ConcurrentDictionary<WatchIdentity, Entry> _trackers = new();

    internal IReadOnlyCollection<TargetTracker> All => [.. _trackers.Values.Select(entry => entry.Tracker)];

    /// <summary>Returns the tracker of a watch: created from the status of the watch the first time, and kept when its spec changes.</summary>
    /// <param name="resource">The watch.</param>
    /// <param name="watch">The same, validated.</param>
    /// <param name="isNew">The tracker has evaluated no report yet.</param>
    internal TargetTracker Put(WatchResource resource, Watch watch, out bool isNew)
    {
        isNew = false;
        var uid = resource.Metadata.Uid ?? "";
        var generation = resource.Metadata.Generation ?? 0;
        var known = _trackers.GetValueOrDefault(watch.Identity);
        if (known is not null && known.IsOf(uid, generation))
        {
            return known.Tracker;
        }

        var tracker = new TargetTracker(watch, uid);
        if (known is null)
        {
            foreach (var state in TargetMemory.Restore(resource.Status, time.GetUtcNow()))
            {
                tracker.Remember(state);
            }
        }
        else if (string.Equals(known.Uid, uid, StringComparison.Ordinal))
        {
            tracker.Inherit(known.Tracker, time.GetUtcNow());
        }

        isNew = true;
        _trackers[watch.Identity] = new Entry(uid, generation, tracker);
        return tracker;
    }

    /// <summary>The tracker of a watch at its generation; null once the watch was changed or deleted.</summary>
    internal TargetTracker? Of(WatchResource resource) =>
        _trackers.TryGetValue(resource.Identity, out var entry)
        && entry.IsOf(resource.Metadata.Uid ?? "", resource.Metadata.Generation ?? 0)
            ? entry.Tracker
            : null;

    /// <summary>Pods at risk under any watch, each counted once.</summary>
    internal int PodsAtRisk =>
        All.SelectMany(tracker => tracker.Targets)
            .Where(target => target is { IsAtRisk: true, Pod: not null })
            .Select(target => target.Pod!.Uid)
            .Distinct(StringComparer.Ordinal)
            .Count();

    /// <summary>Usage under each watch, by constraint. Text that this version does not know becomes no label of a metric.</summary>
    internal IEnumerable<WatchRisk> Risks =>
        from tracker in All
        let watch = tracker.Watch.Identity
        from targets in tracker.Targets.GroupBy(
            target => target.Constraint.Type.Known?.ToString() ?? OtherConstraint,
            StringComparer.Ordinal
        )
        select new WatchRisk(
            watch.Kind,
            watch.Namespace,
            watch.Name,
            targets.Key,
            targets
                .Where(target => target is { IsAtRisk: true, Pod: not null })
                .Select(target => target.Pod!.Uid)
                .Distinct(StringComparer.Ordinal)
                .Count(),
            targets
                .Where(target => RiskRank.IsEvidence(target.Constraint))
                .Max(target => (long?)target.Constraint.Percent)
        );

    internal void Remove(WatchIdentity identity) => _trackers.TryRemove(identity, out _);

    /// <summary>Requirements of all watches on the reports.</summary>
    internal ReportDemand Demand
    {
        get
        {
            var rules = All.Select(tracker => tracker.Watch.Rule).ToList();
            return new ReportDemand(
                rules.Count == 0 ? null : rules.Min(rule => rule.WarnAtPercent),
                rules.Count == 0 ? null : rules.Min(rule => rule.ClearBelowPercent),
                rules.Max(rule => (int?)rule.Forecast?.TotalSeconds),
                new WhatIfRules(
                    rules.Exists(rule => rule.EvaluateAs == EvaluationMode.Heuristic),
                    rules.Exists(rule => rule.EvaluateAs == EvaluationMode.Strict)
                ),
                rules.Exists(rule => rule.NamesCopyOnWrite)
            );
        }
    }

    private sealed record Entry(string Uid, long Generation, TargetTracker Tracker)
    {
        internal bool IsOf(string uid, long generation) =>
            generation == Generation && string.Equals(uid, Uid, StringComparison.Ordinal);
    }
}
