using System.Diagnostics.Metrics;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Tests.Scenes;

namespace ForkGuard.Controller.Tests.Evaluation;

/// <summary>The numbers of each watch in the metrics.</summary>
public sealed class WatchRiskTests
{
    [Fact]
    public void A_watch_has_the_worst_usage_and_the_pods_at_risk_of_each_constraint()
    {
        using var watch = new OneWatch();
        watch.Report(
            null,
            OneWatch.Process("redis-server", Stage.App, Workloads.Constraint(75), Workloads.Pids(80)),
            OneWatch.Process("redis-bgsave", "sidecar", Workloads.Constraint(95))
        );
        Assert.Equal(
            [
                new WatchRisk("ForkWatch", "shop", "w", "LargestMapping", PodsAtRisk: 1, WorstPercent: 95),
                new WatchRisk("ForkWatch", "shop", "w", "Pids", PodsAtRisk: 1, WorstPercent: 80),
            ],
            watch.Trackers.Risks.OrderBy(risk => risk.Constraint, StringComparer.Ordinal)
        );
    }

    /// <summary>K13: a healthy process that could only be bounded, and a read that failed.</summary>
    [Fact]
    public void An_upper_bound_and_a_failed_read_are_no_usage()
    {
        using var watch = new OneWatch();
        watch.Report(
            null,
            OneWatch.Process(
                "java",
                Stage.App,
                Workloads.Constraint(215) with
                {
                    Confidence = Confidence.UpperBound,
                },
                Workloads.Pids(0) with
                {
                    Problem = "permission denied",
                }
            )
        );
        using var telemetry = new ControllerTelemetry();
        telemetry.ObserveWatches(() => watch.Trackers.Risks);
        var measured = new List<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (telemetry.Owns(instrument) && instrument.Name == "forkguard.watch.worst")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => measured.Add(value));
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(2, watch.Trackers.Risks.Count());
        Assert.Empty(measured);
    }

    /// <summary>A label is not text that an agent chooses.</summary>
    [Fact]
    public void Constraints_that_this_version_does_not_know_share_one_label()
    {
        using var watch = new OneWatch();
        watch.Report(
            null,
            OneWatch.Process(
                "redis-server",
                Stage.App,
                Workloads.Pids(80) with
                {
                    Type = new OpenEnum<ConstraintType>("Later1"),
                },
                Workloads.Pids(85) with
                {
                    Type = new OpenEnum<ConstraintType>("Later2"),
                }
            )
        );
        var risk = Assert.Single(watch.Trackers.Risks);
        Assert.Equal(("Other", 85), (risk.Constraint, risk.WorstPercent));
    }
}
