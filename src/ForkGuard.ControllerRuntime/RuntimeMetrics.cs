using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ForkGuard.ControllerRuntime;

/// <summary>Metrics of the runtime; units are those of UCUM.</summary>
public sealed class RuntimeMetrics : IDisposable
{
    /// <summary>The meter to listen to.</summary>
    public const string MeterName = "ForkGuard.ControllerRuntime";

    internal const string EventCreated = "created";
    internal const string EventCounted = "counted";

    private static readonly string[] EventResults = [EventCreated, EventCounted];

    private readonly Meter _meter;
    private readonly Histogram<double> _reconciliations;
    private readonly Counter<long> _endedStreams;
    private readonly Counter<long> _unreadable;
    private readonly Counter<long> _events;
    private readonly ConcurrentDictionary<string, Func<int>> _queues = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<bool>> _elections = new(StringComparer.Ordinal);

    /// <param name="factory">Null outside of a host: the meter is then the process's own.</param>
    public RuntimeMetrics(IMeterFactory? factory = null)
    {
        _meter = factory is null ? new Meter(MeterName) : factory.Create(MeterName);
        _reconciliations = _meter.CreateHistogram<double>(
            "forkguard.reconcile.duration",
            "s",
            "Time that the reconciliation of one object takes."
        );
        _endedStreams = _meter.CreateCounter<long>(
            "forkguard.api.streams.ended",
            "{stream}",
            "Streams of changes from the API server that ended, by kind and reason."
        );
        _unreadable = _meter.CreateCounter<long>(
            "forkguard.objects.unreadable",
            "{object}",
            "Objects of the API server that could not be read and were left out."
        );
        _events = _meter.CreateCounter<long>("forkguard.events.recorded", "{event}", "Events, by type and result.");
        foreach (var type in Enum.GetValues<EventType>())
        {
            Array.ForEach(EventResults, result => CountEvent(type, result, 0));
        }

        _meter.CreateObservableGauge("forkguard.queue.depth", QueueDepths, "{key}", "Keys that wait for a worker.");
        _meter.CreateObservableGauge(
            "forkguard.leader",
            Leaders,
            description: "1 while this process leads, 0 otherwise."
        );
    }

    internal void Reconciled(string controller, string result, TimeSpan duration) =>
        _reconciliations.Record(duration.TotalSeconds, new("controller", controller), new("result", result));

    /// <summary>Starts the counters of a kind at 0.</summary>
    /// <param name="kind">Kind of the objects.</param>
    /// <param name="reasons">Reasons for which a stream can end.</param>
    internal void StartKind(string kind, IEnumerable<string> reasons)
    {
        _unreadable.Add(0, new KeyValuePair<string, object?>("kind", kind));
        foreach (var reason in reasons)
        {
            CountStream(kind, reason, 0);
        }
    }

    internal void StreamEnded(string kind, string reason) => CountStream(kind, reason, 1);

    internal void Unreadable(string kind) => _unreadable.Add(1, new KeyValuePair<string, object?>("kind", kind));

    internal void EventRecorded(EventType type, string result) => CountEvent(type, result, 1);

    internal void ObserveQueue(string controller, Func<int> depth) => _queues[controller] = depth;

    internal void ObserveElection(string lease, Func<bool> leads) => _elections[lease] = leads;

    /// <summary>Reports whether the instrument is this process's, and not that of another one within the same program.</summary>
    internal bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    public void Dispose() => _meter.Dispose();

    private void CountStream(string kind, string reason, int number) =>
        _endedStreams.Add(number, new("kind", kind), new("reason", reason));

    private void CountEvent(EventType type, string result, int number) =>
        _events.Add(number, new("type", type.ToString()), new("result", result));

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
