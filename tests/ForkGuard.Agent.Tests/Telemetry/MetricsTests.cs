using System.Text;
using ForkGuard.Agent.Reporting;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Scanning;
using ForkGuard.Node.Telemetry;
using ForkGuard.Node.Tests.Scanning;
using ForkGuard.Telemetry;

namespace ForkGuard.Agent.Tests.Telemetry;

/// <summary>The meters have one name in the process: not at one time with another test of them.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly MetricsExport _export = new(
        new ServiceIdentity("test", "node-1"),
        NodeMetrics.MeterName,
        AgentMetrics.MeterName
    );
    private readonly NodeMetrics _metrics = new();
    private readonly AgentMetrics _reportMetrics = new();

    public void Dispose()
    {
        _export.Dispose();
        _reportMetrics.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void A_scan_is_seen_in_every_metric()
    {
        _metrics.Scanned(
            Scans.Of(Scans.Process("redis-server", 50)) with
            {
                Kernel = new KernelReport
                {
                    OvercommitMode = 2,
                    LimitBytes = 1000,
                    CommittedBytes = 400,
                },
                Scan = new ScanReport
                {
                    Processes = 7,
                    MapsReads = 3,
                    SmapsReads = 2,
                    Unreadable = 1,
                    DurationMicroseconds = 2000,
                },
            },
            degradation: null
        );
        _reportMetrics.Answered(ReportOutcome.Accepted);
        _reportMetrics.Written(WriteReason.AboveThreshold);
        _metrics.ModeChanged();
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "forkguard_overcommit_mode 2",
                "forkguard_limit_bytes 1000",
                "forkguard_committed_bytes 400",
                "forkguard_processes 7",
                "forkguard_unreadable 1",
                "forkguard_degraded 0",
                "forkguard_worst_ratio{constraint=\"LargestMapping\"} 0.5",
                "forkguard_unit_worst_ratio{constraint=\"LargestMapping\",systemd_unit=\"redis.service\"} 0.5",
                "forkguard_scan_reads_total{tier=\"maps\"} 3",
                "forkguard_scan_reads_total{tier=\"smaps\"} 2",
                "forkguard_scan_duration_seconds_bucket{le=\"0.0025\"} 1",
                "forkguard_scan_duration_seconds_bucket{le=\"+Inf\"} 1",
                "forkguard_scan_duration_seconds_count 1",
                "forkguard_report_requests_total{result=\"Accepted\"} 1",
                "forkguard_reports_written_total{reason=\"AboveThreshold\"} 1",
                "forkguard_overcommit_mode_changes_total 1",
                "# TYPE forkguard_scan_reads_total counter",
                "# TYPE forkguard_worst_ratio gauge",
            },
            Lines()
        );
    }

    [Fact]
    public void Counters_exist_before_their_first_count() =>
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "forkguard_scan_failures_total 0",
                "forkguard_overcommit_mode_changes_total 0",
                "forkguard_scan_reads_total{tier=\"smaps\"} 0",
                "forkguard_report_requests_total{result=\"Conflict\"} 0",
                "forkguard_reports_written_total{reason=\"Heartbeat\"} 0",
            },
            Lines()
        );

    [Fact]
    public void Growth_has_the_time_that_is_left()
    {
        var process = InPod("redis-server", 40);
        var growing = process with
        {
            Constraints = [.. process.Constraints!.Select(constraint => constraint with { SecondsToLimit = 60 })],
        };
        _metrics.Scanned(Scans.Of(growing), degradation: null);
        Assert.Contains(
            "forkguard_container_time_left_seconds{constraint=\"LargestMapping\",k8s_container_name=\"redis\",k8s_namespace_name=\"shop\",k8s_pod_name=\"redis-0\"} 60",
            Lines()
        );
    }

    [Fact]
    public void Every_verdict_has_its_number_of_processes()
    {
        _metrics.Scanned(Scans.Of(InPod("redis-server", 40) with { Verdict = Verdict.CannotFork }), degradation: null);
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "forkguard_verdicts{verdict=\"CanFork\"} 0",
                "forkguard_verdicts{verdict=\"CannotFork\"} 1",
                "forkguard_verdicts{verdict=\"Unknown\"} 0",
            },
            Lines()
        );
    }

    [Fact]
    public void A_container_has_one_series_and_no_pid_and_no_uid()
    {
        _metrics.Scanned(Scans.Of(InPod("redis-server", 40), InPod("redis-bgsave", 30)), degradation: null);
        var line = Assert.Single(
            Lines(),
            l => l.StartsWith("forkguard_container_worst_ratio{", StringComparison.Ordinal)
        );
        Assert.Equal(
            "forkguard_container_worst_ratio{constraint=\"LargestMapping\",k8s_container_name=\"redis\",k8s_namespace_name=\"shop\",k8s_pod_name=\"redis-0\"} 0.4",
            line
        );
    }

    [Fact]
    public void A_program_that_saves_by_forking_has_an_estimate_of_its_fork_time()
    {
        var process = InPod("redis-server", 40) with
        {
            Snapshot = new SnapshotReport { ForkTimeMicroseconds = 15_900 },
        };
        var ofHost = Scans.Process("redis-server", 50) with { Snapshot = process.Snapshot };
        _metrics.Scanned(Scans.Of(process, InPod("redis-bgsave", 30), ofHost), degradation: null);
        Assert.Contains("forkguard_unit_fork_time_estimate_seconds{systemd_unit=\"redis.service\"} 0.0159", Lines());
        Assert.Contains(
            "forkguard_container_fork_time_estimate_seconds{k8s_container_name=\"redis\",k8s_namespace_name=\"shop\",k8s_pod_name=\"redis-0\"} 0.0159",
            Lines()
        );
    }

    [Fact]
    public void A_pod_that_is_gone_has_no_series()
    {
        _metrics.Scanned(Scans.Of(InPod("redis-server", 40)), degradation: null);
        Assert.Contains(Lines(), l => l.Contains("redis-0", StringComparison.Ordinal));
        _metrics.Scanned(Scans.Of(), degradation: null);
        Assert.DoesNotContain(Lines(), l => l.Contains("redis-0", StringComparison.Ordinal));
    }

    [Fact]
    public void Pods_that_are_gone_leave_room_for_later_ones()
    {
        for (var pod = 0; pod < 1000; pod++)
        {
            _metrics.Scanned(Scans.Of(InPod("redis-server", 40, $"redis-{pod}")), degradation: null);
            Assert.Contains(
                $"forkguard_container_worst_ratio{{constraint=\"LargestMapping\",k8s_container_name=\"redis\",k8s_namespace_name=\"shop\",k8s_pod_name=\"redis-{pod}\"}} 0.4",
                Lines()
            );
        }
    }

    [Fact]
    public void A_degradation_has_its_reason()
    {
        _metrics.Scanned(Scans.Of(), new Degradation("AppArmor", "smaps may not be read"));
        Assert.Contains("forkguard_degraded{reason=\"AppArmor\"} 1", Lines());
    }

    [Fact]
    public void A_unit_cannot_break_a_line()
    {
        var process = Scans.Process("x", 50) with { SystemdUnit = "a\"b\\c\nd.service" };
        _metrics.Scanned(Scans.Of(process), degradation: null);
        Assert.Contains(
            "forkguard_unit_worst_ratio{constraint=\"LargestMapping\",systemd_unit=\"a\\\"b\\\\c\\nd.service\"} 0.5",
            Lines()
        );
    }

    [Fact]
    public void Each_constraint_has_a_series_of_its_own()
    {
        var node = Scans.Constraint(ConstraintType.Threads, 30) with { Scope = ConstraintScope.Node };
        var process = Scans.With(
            "redis-server",
            Scans.Constraint(ConstraintType.Pids, 97),
            Scans.Constraint(ConstraintType.LargestMapping, 60)
        );
        _metrics.Scanned(Scans.Of(process) with { Constraints = [node] }, degradation: null);
        Assert.Equal(
            [
                "forkguard_worst_ratio{constraint=\"LargestMapping\"} 0.6",
                "forkguard_worst_ratio{constraint=\"Pids\"} 0.97",
                "forkguard_worst_ratio{constraint=\"Threads\"} 0.3",
            ],
            Lines()
                .Where(l => l.StartsWith("forkguard_worst_ratio{", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
    }

    /// <summary>K13: a healthy process that could only be bounded, and a read that failed.</summary>
    [Fact]
    public void An_upper_bound_and_a_failed_read_are_no_ratio()
    {
        var failed = Scans.Constraint(ConstraintType.Pids, 0) with { Problem = "permission denied" };
        var bound = Scans.Constraint(ConstraintType.LargestMapping, 215, Confidence.UpperBound);
        _metrics.Scanned(Scans.Of(Scans.With("java", bound, failed)), degradation: null);
        Assert.DoesNotContain(Lines(), l => l.Contains("worst_ratio{", StringComparison.Ordinal));
    }

    private static ProcessReport InPod(string command, int percent, string pod = "redis-0") =>
        Scans.Process(command, percent) with
        {
            SystemdUnit = null,
            Pod = new PodReference
            {
                Namespace = "shop",
                Name = pod,
                Uid = "8dbc5577",
            },
            Container = new ContainerReference { Name = "redis", Id = "42ef" },
        };

    private HashSet<string> Lines() =>
        Encoding
            .UTF8.GetString(_export.Scrape())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToHashSet(StringComparer.Ordinal);
}
