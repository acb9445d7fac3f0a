using System.Diagnostics.Metrics;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Scanning;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Node.Telemetry;

/// <summary>Metrics of the machine and of its scans, the same for the agent and a watch. No label is a pid or a uid: the number of series must stay bounded.</summary>
internal sealed class NodeMetrics : IDisposable
{
    internal const string MeterName = "ForkGuard.Node";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _reads;
    private readonly Counter<long> _failedScans;
    private readonly Counter<long> _modeChanges;
    private readonly Histogram<double> _duration;
    private volatile Observed? _last;

    private static readonly string[] Tiers = ["statm", "maps", "smaps"];

    internal NodeMetrics()
    {
        _reads = _meter.CreateCounter<long>(
            "forkguard.scan.reads",
            "{file}",
            "Files of processes read, by tier: statm of everyone, maps and smaps of those it could matter for."
        );
        _failedScans = _meter.CreateCounter<long>("forkguard.scan.failures", "{scan}", "Scans that could not be made.");
        _modeChanges = _meter.CreateCounter<long>(
            "forkguard.overcommit.mode.changes",
            "{change}",
            "Changes of vm.overcommit_memory seen."
        );
        Array.ForEach(Tiers, tier => Read(tier, 0));
        _failedScans.Add(0);
        _modeChanges.Add(0);
        _duration = _meter.CreateHistogram<double>(
            "forkguard.scan.duration",
            "s",
            "Time that a scan takes.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
            }
        );
        Gauge("forkguard.overcommit.mode", "{mode}", "vm.overcommit_memory.", o => o.Scan.Kernel.OvercommitMode);
        Gauge("forkguard.limit", "By", "The limit that binds in this mode.", o => o.Scan.Kernel.LimitBytes);
        Gauge("forkguard.committed", "By", "Committed_AS.", o => o.Scan.Kernel.CommittedBytes);
        Gauge("forkguard.processes", "{process}", "Processes seen by the last scan.", o => o.Scan.Scan.Processes);
        Gauge(
            "forkguard.unreadable",
            "{process}",
            "Processes that mattered to the last scan and could not be read.",
            o => o.Scan.Scan.Unreadable
        );
        _meter.CreateObservableGauge(
            "forkguard.degraded",
            Degraded,
            "{state}",
            "1 while scans cannot read everything they need."
        );
        _meter.CreateObservableGauge(
            "forkguard.worst",
            Worst,
            "1",
            "Highest usage of a constraint on the node, as a fraction of its limit."
        );
        _meter.CreateObservableGauge(
            "forkguard.container.worst",
            WorstOfContainers,
            "1",
            "Highest usage of a constraint in a container, as a fraction of its limit."
        );
        _meter.CreateObservableGauge(
            "forkguard.unit.worst",
            WorstOfUnits,
            "1",
            "Highest usage of a constraint in a systemd unit of the host, as a fraction of its limit."
        );
        _meter.CreateObservableGauge(
            "forkguard.container.time_left",
            TimesLeftOfContainers,
            "s",
            "Estimated time until usage of a constraint in a container reaches its limit."
        );
        _meter.CreateObservableGauge(
            "forkguard.unit.time_left",
            TimesLeftOfUnits,
            "s",
            "Estimated time until usage of a constraint in a systemd unit of the host reaches its limit."
        );
        _meter.CreateObservableGauge(
            "forkguard.verdicts",
            Verdicts,
            "{process}",
            "Processes of the last report, by verdict."
        );
        _meter.CreateObservableGauge(
            "forkguard.container.fork.time.estimate",
            ForkTimesOfContainers,
            "s",
            "Estimated time for which the program of a container that saves by forking stands still during the fork."
        );
        _meter.CreateObservableGauge(
            "forkguard.unit.fork.time.estimate",
            ForkTimesOfUnits,
            "s",
            "Estimated time for which the program of a systemd unit that saves by forking stands still during the fork."
        );
    }

    internal void Scanned(NodeScan scan, Degradation? degradation)
    {
        _last = new Observed(scan, degradation);
        _duration.Record(scan.Scan.DurationMicroseconds / 1e6);
        Read("statm", scan.Statistics.StatmReads);
        Read("maps", scan.Scan.MapsReads);
        Read("smaps", scan.Scan.SmapsReads);
    }

    internal void ScanFailed() => _failedScans.Add(1);

    internal void ModeChanged() => _modeChanges.Add(1);

    public void Dispose() => _meter.Dispose();

    private void Read(string tier, int files) => _reads.Add(files, Tag("tier", tier));

    private void Gauge(string name, string unit, string description, Func<Observed, long?> value) =>
        _meter.CreateObservableGauge(name, () => Measure(value), unit, description);

    private IEnumerable<Measurement<long>> Measure(Func<Observed, long?> value) =>
        _last is { } last && value(last) is { } measured ? [new Measurement<long>(measured)] : [];

    private IEnumerable<Measurement<long>> Degraded() =>
        _last is not { } last ? []
        : last.Degradation is { } d ? [new Measurement<long>(1, Tag("reason", d.Reason))]
        : [new Measurement<long>(0)];

    private IEnumerable<Measurement<double>> Worst() =>
        Measured()
            .Select(measured => measured.Constraint)
            .Concat((_last?.Scan.Constraints ?? []).Where(IsRatio))
            .GroupBy(constraint => constraint.Type.Text, RatioOf, StringComparer.Ordinal)
            .Select(group => new Measurement<double>(group.Max(), Tag("constraint", group.Key)));

    private IEnumerable<Measurement<double>> WorstOfContainers() =>
        OfContainers(Measured(), static shares => shares.Max(RatioOf));

    private IEnumerable<Measurement<double>> WorstOfUnits() =>
        OfUnits(Measured(), static shares => shares.Max(RatioOf));

    private IEnumerable<Measurement<double>> TimesLeftOfContainers() => OfContainers(Growing(), TimeLeft);

    private IEnumerable<Measurement<double>> TimesLeftOfUnits() => OfUnits(Growing(), TimeLeft);

    private static IEnumerable<Measurement<double>> OfContainers(
        IEnumerable<(ProcessReport Process, ConstraintReport Constraint)> constraints,
        Func<IEnumerable<ConstraintReport>, double> value
    ) =>
        from measured in constraints
        let process = measured.Process
        where process.Pod is { Name.Length: > 0 }
        group measured.Constraint by (
            process.Pod!.Namespace,
            process.Pod.Name,
            Container: process.Container?.Name,
            Constraint: measured.Constraint.Type.Text
        ) into container
        select new Measurement<double>(
            value(container),
            Tag("constraint", container.Key.Constraint),
            Tag("k8s.namespace.name", container.Key.Namespace),
            Tag("k8s.pod.name", container.Key.Name),
            Tag("k8s.container.name", container.Key.Container ?? "")
        );

    private static IEnumerable<Measurement<double>> OfUnits(
        IEnumerable<(ProcessReport Process, ConstraintReport Constraint)> constraints,
        Func<IEnumerable<ConstraintReport>, double> value
    ) =>
        from measured in constraints
        where measured.Process is { Pod: null, SystemdUnit: not null }
        group measured.Constraint by (Unit: measured.Process.SystemdUnit!, measured.Constraint.Type.Text) into unit
        select new Measurement<double>(
            value(unit),
            Tag("constraint", unit.Key.Text),
            Tag("systemd.unit", unit.Key.Unit)
        );

    private IEnumerable<Measurement<int>> Verdicts() =>
        _last is not { } last
            ? []
            :
            [
                .. Enum.GetNames<Verdict>()
                    .Select(verdict => new Measurement<int>(
                        last.Scan.Processes.Count(process => process.Report.Verdict.Text == verdict),
                        Tag("verdict", verdict)
                    )),
            ];

    private IEnumerable<Measurement<double>> ForkTimesOfContainers() =>
        from process in _last?.Scan.Processes ?? []
        let report = process.Report
        where report is { Pod.Name.Length: > 0, Snapshot.ForkTimeMicroseconds: not null }
        group report.Snapshot!.ForkTimeMicroseconds!.Value by (
            report.Pod!.Namespace,
            report.Pod.Name,
            Container: report.Container?.Name
        ) into container
        select new Measurement<double>(
            container.Max() / 1e6,
            Tag("k8s.namespace.name", container.Key.Namespace),
            Tag("k8s.pod.name", container.Key.Name),
            Tag("k8s.container.name", container.Key.Container ?? "")
        );

    private IEnumerable<Measurement<double>> ForkTimesOfUnits() =>
        (_last?.Scan.Processes ?? [])
            .Select(process => process.Report)
            .Where(report => report is { Pod: null, SystemdUnit: not null, Snapshot.ForkTimeMicroseconds: not null })
            .GroupBy(report => report.SystemdUnit!, StringComparer.Ordinal)
            .Select(unit => new Measurement<double>(
                unit.Max(report => report.Snapshot!.ForkTimeMicroseconds!.Value) / 1e6,
                Tag("systemd.unit", unit.Key)
            ));

    private IEnumerable<(ProcessReport Process, ConstraintReport Constraint)> Measured() =>
        from process in _last?.Scan.Processes ?? []
        from constraint in process.Report.Constraints ?? []
        where IsRatio(constraint)
        select (process.Report, constraint);

    private IEnumerable<(ProcessReport Process, ConstraintReport Constraint)> Growing() =>
        Measured().Where(measured => measured.Constraint.SecondsToLimit is not null);

    private static double TimeLeft(IEnumerable<ConstraintReport> constraints) =>
        constraints.Min(constraint => constraint.SecondsToLimit!.Value);

    /// <summary>An upper bound, a failed read and a limit that grants nothing are no ratio.</summary>
    private static bool IsRatio(ConstraintReport constraint) => constraint.Limit > 0 && RiskRank.IsEvidence(constraint);

    private static double RatioOf(ConstraintReport constraint) => (double)constraint.Used / constraint.Limit;

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private sealed record Observed(NodeScan Scan, Degradation? Degradation);
}
