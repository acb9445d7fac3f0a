using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ForkGuard.ControllerRuntime;

/// <summary>What the runtime measures; units are those of UCUM.</summary>
public sealed class RuntimeMetrics : IDisposable
{
    /// <summary>The meter to listen to.</summary>
    public const string MeterName = "ForkGuard.ControllerRuntime";

    private readonly Meter _meter;
    private readonly Histogram<double> _reconciliations;
    private readonly Counter<long> _watchRestarts;
    private readonly Counter<long> _unreadable;
    private readonly Counter<long> _events;
    private readonly ConcurrentDictionary<string, Func<int>> _queues = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<bool>> _elections = new(StringComparer.Ordinal);

    /// <param name="factory">Null outside of a host: the meter is then the process's own.</param>
    public RuntimeMetrics(IMeterFactory? factory = null)
    {
        _meter = factory is null ? new Meter(MeterName) : factory.Create(MeterName);
        _reconciliations = _meter.CreateHistogram<double>(
            "controller.reconcile.duration",
            "s",
            "Time that the reconciliation of one object took."
        );
        _watchRestarts = _meter.CreateCounter<long>(
            "controller.watch.restarts",
            "{restart}",
            "Watches that ended, by the reason."
        );
        _unreadable = _meter.CreateCounter<long>(
            "controller.objects.unreadable",
            "{object}",
            "Objects from the API server that could not be read, and were left out."
        );
        _events = _meter.CreateCounter<long>(
            "controller.events.recorded",
            "{event}",
            "Events recorded, by what became of them."
        );
        _meter.CreateObservableGauge("controller.queue.depth", QueueDepths, "{key}", "Keys that wait for a worker.");
        _meter.CreateObservableGauge("controller.leader", Leaders, "1", "1 while this process leads, 0 otherwise.");
    }

    internal void Reconciled(string controller, string result, TimeSpan duration) =>
        _reconciliations.Record(duration.TotalSeconds, new("controller", controller), new("result", result));

    internal void WatchEnded(string kind, string reason) =>
        _watchRestarts.Add(1, new("kind", kind), new("reason", reason));

    internal void Unreadable(string kind) => _unreadable.Add(1, new KeyValuePair<string, object?>("kind", kind));

    internal void EventRecorded(EventType type, string result) =>
        _events.Add(1, new("type", type.ToString()), new("result", result));

    internal void ObserveQueue(string controller, Func<int> depth) => _queues[controller] = depth;

    internal void ObserveElection(string lease, Func<bool> leads) => _elections[lease] = leads;

    /// <summary>Whether the instrument is this process's, and not that of another one within the same program.</summary>
    internal bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> QueueDepths() =>
        _queues.Select(queue => new Measurement<int>(
            queue.Value(),
            new KeyValuePair<string, object?>("controller", queue.Key)
        ));

    private IEnumerable<Measurement<int>> Leaders() =>
        _elections.Select(election => new Measurement<int>(
            election.Value() ? 1 : 0,
            new KeyValuePair<string, object?>("lease", election.Key)
        ));
}
