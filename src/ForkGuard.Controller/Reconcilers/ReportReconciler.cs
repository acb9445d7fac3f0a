using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>Accepts reports, requests the scan interval of each agent, and emits events for nodes that fall silent or whose limit changes.</summary>
internal sealed class ReportReconciler(
    NodeReadings readings,
    ReportEvaluator evaluator,
    TargetTrackers trackers,
    ClusterReader cluster,
    ReportHealth health,
    NodeEvents events,
    Action<WatchIdentity> enqueue,
    Action<string> enqueueEndedProofs,
    Action<string> nodeLacksReport,
    ServerClock clock,
    TimeProvider time
) : IEntityController<NodeForkReport>
{
    private const int PointsBelowWarning = 5;

    // The cache may not have the annotation yet that was written last.
    private readonly ConcurrentDictionary<string, LimitRecord> _limits = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LoggedRefusalEmission> _refusals = new(StringComparer.Ordinal);

    public async Task<ReconciliationResult> ReconcileAsync(NodeForkReport entity, CancellationToken cancellationToken)
    {
        var key = new ResourceKey("", entity.Metadata?.Name ?? "");
        var changed = readings.See(entity);
        if (readings.Of(key.Name) is { Status.Kernel: { } kernel } reading)
        {
            var known = _limits.GetValueOrDefault(key.Name) ?? LimitRecord.Read(entity.Metadata);
            var record = LimitRecord.After(known, kernel, clock.Now);
            reading = readings.Note(reading, record.ChangedTime, clock.Now);
            if (changed is not null)
            {
                foreach (var watch in evaluator.Evaluate(reading))
                {
                    enqueue(watch);
                }

                enqueueEndedProofs(key.Name);
            }

            await NoteLimitAsync(key, known, record, cancellationToken);
            EmitRefusals(key.Name, reading);
        }

        await AskAsync(key, entity, cancellationToken);
        return new ReconciliationResult(await health.CheckAsync(entity, cancellationToken));
    }

    public Task DeletedAsync(NodeForkReport entity, CancellationToken cancellationToken)
    {
        var node = entity.Metadata?.Name ?? "";
        readings.Forget(node);
        health.Forget(node);
        _limits.TryRemove(node, out _);
        _refusals.TryRemove(node, out _);
        nodeLacksReport(node);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Asks the agent for what all watches need: the level from which every scan is written, the level from which a process is
    /// reported so that a recovery is proven, the longest forecast, the rules besides its kernel's own, and
    /// the cost of a save by processes that were not seen to save.
    /// </summary>
    private async Task AskAsync(ResourceKey key, NodeForkReport report, CancellationToken cancellationToken)
    {
        var demand = trackers.Demand;
        var asked = report.Spec ?? new NodeForkReportSpec();
        var everyScan = demand.LowestWarning is { } warn ? Math.Max(1, warn - PointsBelowWarning) : (int?)null;
        var reported = asked.ReportAtPercent ?? WatchDefaults.ReportAtPercent;
        var needed = Math.Min(reported, demand.LowestClear ?? reported);
        var rules = demand.WhatIf.ToList();
        if (
            everyScan != asked.EveryScanAtPercent
            || needed != reported
            || demand.MaxForecastSeconds != asked.ForecastSeconds
            || !(rules ?? []).SequenceEqual(asked.EvaluateAs ?? [])
            || demand.SnapshotsOfAll != (asked.SnapshotsOfAll ?? false)
        )
        {
            var spec = new JsonObject
            {
                ["everyScanAtPercent"] = everyScan,
                ["reportAtPercent"] = needed,
                ["forecastSeconds"] = demand.MaxForecastSeconds,
                ["evaluateAs"] = rules is null
                    ? null
                    : new JsonArray([.. rules.Select(rule => JsonValue.Create(rule.Text))]),
                ["snapshotsOfAll"] = demand.SnapshotsOfAll ? true : null,
            };
            await cluster.PatchAsync(
                Kinds.NodeForkReports,
                key,
                new JsonObject { ["spec"] = spec }.ToJsonString(),
                cancellationToken
            );
        }
    }

    private void EmitRefusals(string node, NodeReading reading)
    {
        var emission = _refusals.GetOrAdd(node, static _ => new LoggedRefusalEmission());
        var due = emission.TakeDue(reading.Status.Refusals ?? [], time.GetUtcNow());
        // Those of a report that was there when this controller started had their events from the one before.
        foreach (var refusal in reading.SeenTimestamp is null ? [] : due)
        {
            events.Refused(node, refusal);
        }
    }

    private async Task NoteLimitAsync(
        ResourceKey key,
        LimitRecord? known,
        LimitRecord record,
        CancellationToken cancellationToken
    )
    {
        if (known == record)
        {
            _limits[key.Name] = record;
            return;
        }

        if (known is not null && known.Mode != record.Mode)
        {
            events.ModeChanged(key.Name, known.Mode, record.Mode);
        }

        var annotations = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [LimitRecord.LimitAnnotation] = record.ToAnnotation(),
            [LimitRecord.ChangedAnnotation] = record.ChangedTime?.ToString("O", CultureInfo.InvariantCulture),
        };
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = JsonSerializer.SerializeToNode(annotations) },
        };
        await cluster.PatchAsync(Kinds.NodeForkReports, key, patch.ToJsonString(), cancellationToken);
        _limits[key.Name] = record;
    }
}
