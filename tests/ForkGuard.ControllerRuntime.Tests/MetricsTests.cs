using System.Diagnostics.Metrics;
using ForkGuard.Testing;

namespace ForkGuard.ControllerRuntime.Tests;

/// <summary>What is measured, under which names and units.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task A_cache_and_a_controller_measure_what_they_do()
    {
        Dictionary<string, string> seen = new(StringComparer.Ordinal);
        using MeterListener listener = new();
        await using ScriptedServer server = new(
            answer => answer.SendListAsync("10", ScriptedAnswer.Gauge("a", "9")),
            async answer =>
            {
                await answer.StartWatchAsync("not json");
                await answer.StayAsync();
            },
            answer => answer.SendListAsync("20", """{"metadata":{"name":"broken","resourceVersion":"19"}}"""),
            answer => answer.StayAsync()
        );
        await using Runtime runtime = Runtime.On(server);
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (runtime.Metrics.Owns(instrument))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value >= 0, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => See(instrument, value, tags));
        listener.Start();
        ResourceCache<Gauge> cache = new(runtime.Client, Gauge.Kind, new(), runtime.Services);
        using ControllerLoop<Gauge> loop = new("gauges", cache, new Idle(), runtime.Services);
        LeaderElection election = new(runtime.Client, new() { Namespace = "test", Name = "test" }, runtime.Services);
        runtime.Run(loop.RunAsync);
        runtime.Run(cache.RunAsync);

        await Condition.HoldsAsync(
            () =>
            {
                listener.RecordObservableInstruments();
                return Counted() >= 3 && IsQueueEmpty();
            },
            "a reconciliation, a restart and an object that was left out, with nothing queued",
            TestContext.Current.CancellationToken
        );

        Assert.Equal(
            [
                "forkguard.api.streams.ended[{stream}] kind=gauges.runtime.forkguard.io reason=closed: 0",
                "forkguard.api.streams.ended[{stream}] kind=gauges.runtime.forkguard.io reason=disconnected: 0",
                "forkguard.api.streams.ended[{stream}] kind=gauges.runtime.forkguard.io reason=expired: 0",
                "forkguard.api.streams.ended[{stream}] kind=gauges.runtime.forkguard.io reason=malformed: 1",
                "forkguard.api.streams.ended[{stream}] kind=gauges.runtime.forkguard.io reason=refused: 0",
                "forkguard.api.streams.ended[{stream}] kind=gauges.runtime.forkguard.io reason=server_error: 0",
                "forkguard.api.streams.ended[{stream}] kind=gauges.runtime.forkguard.io reason=silent: 0",
                "forkguard.leader[] lease=test/test: 0",
                "forkguard.objects.unreadable[{object}] kind=gauges.runtime.forkguard.io: 1",
                "forkguard.queue.depth[{key}] controller=gauges: 0",
                "forkguard.reconcile.duration[s] controller=gauges result=success: True",
            ],
            seen.Select(measured => $"{measured.Key}: {measured.Value}").Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        Assert.Null(election.CurrentTerm);

        int Counted()
        {
            lock (seen)
            {
                return seen.Count(measured => !measured.Value.Equals("0", StringComparison.Ordinal));
            }
        }

        bool IsQueueEmpty()
        {
            lock (seen)
            {
                return seen.Any(measured =>
                    measured.Key.StartsWith("forkguard.queue.depth", StringComparison.Ordinal)
                    && measured.Value.Equals("0", StringComparison.Ordinal)
                );
            }
        }

        void See(Instrument instrument, object value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string labels = string.Concat(tags.ToArray().Select(tag => $" {tag.Key}={tag.Value}"));
            lock (seen)
            {
                seen[$"{instrument.Name}[{instrument.Unit}]{labels}"] = $"{value}";
            }
        }
    }

    private sealed class Idle : IEntityController<Gauge>
    {
        public Task<ReconciliationResult> ReconcileAsync(Gauge entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult.Done);

        public Task DeletedAsync(Gauge entity, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
