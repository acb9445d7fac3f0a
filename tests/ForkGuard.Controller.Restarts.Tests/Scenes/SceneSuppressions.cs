using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Reconcilers;
using ForkGuard.Controller.Status;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Policy.Risk;
using Microsoft.Extensions.Logging.Abstractions;

namespace ForkGuard.Controller.Restarts.Tests.Scenes;

/// <summary>The reasons that hold wanted restarts back.</summary>
internal sealed partial class CoordinatorScene
{
    /// <summary>Decisions that changed the reasons in the status of the watch.</summary>
    internal int StatusChanges { get; private set; }

    /// <summary>Decides on all wanted restarts of the last report, and returns the reasons that the status then has.</summary>
    internal async Task<IReadOnlyList<BlockReason>> SuppressAsync()
    {
        await CachedAsync();
        var tracker = _evaluation.Trackers.Of(_watch!)!;
        _wanted.Post(_watch!, tracker);
        await _wanted.DecideAsync(_watch!.Identity, Stage.Cancelled);
        return [.. _wanted.SuppressedOf(tracker).SelectMany(target => target.Blocks).Select(block => block.Reason)];
    }

    private WantedRestarts WantedBy(EventPublisher events) =>
        new(
            _parts.Restarter,
            new RiskEvents(events, _evaluation.Notes, new ImpossibleRate(Time), _telemetry),
            new SuppressionMemory(_telemetry, Time),
            decided: _ => StatusChanges++,
            NullLogger<WantedRestarts>.Instance,
            Time
        );
}
