using System.Diagnostics;
using ForkGuard.Agent.Attribution;
using ForkGuard.Agent.Readings;
using ForkGuard.Agent.Watching;
using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Policy;

namespace ForkGuard.Agent.Reporting;

/// <summary>Scans this node once after another, and makes of each scan what the report says. Not for several threads at once.</summary>
internal sealed class NodeScan : IDisposable
{
    private readonly ProcRoot _proc;
    private readonly KernelStateReader _reader;
    private readonly PodNames _names;
    private readonly Sieve _sieve;
    private readonly List<ProcessReading> _loud = [];
    private Dictionary<ProcessIdentity, GrowthWindow> _growth = [];
    private OvercommitMode? _lastMode;
    private DateTimeOffset _lastTime;

    /// <exception cref="IOException">The root of /proc cannot be opened.</exception>
    internal NodeScan(ProcRoot proc, KernelStateReader reader, PodNames names)
    {
        _proc = proc;
        _reader = reader;
        _names = names;
        _sieve = new Sieve(proc, DescriptorLimit.Read() / 2) { TrustsCommitted = true };
    }

    /// <summary>Looks once at everything. Null if not even the kernel's settings could be read.</summary>
    internal ScanResult? Scan(ReportSettings settings, DateTimeOffset now, out string problem)
    {
        var started = Stopwatch.GetTimestamp();
        if (!_reader.TryRead(out var state, out problem))
        {
            return null;
        }

        ForgetGrowthOfAnotherTime(state.Mode, now);
        _loud.Clear();
        var statistics = _sieve.Scan(state, state.Mode, settings.LevelPercent, now, _loud);
        var remeasured = 0;
        var choice = new WorstOfEach(
            pid => CgroupMembership.Read(_proc, pid),
            pid =>
            {
                remeasured++;
                return _sieve.Remeasure(pid, state, state.Mode, settings.LevelPercent, now);
            }
        );
        var (worst, truncated) = choice.Choose(_loud, settings);
        _names.Learn([.. worst.Select(p => p.Membership)], now);
        var processes = Complete(worst, now);
        return new ScanResult
        {
            Time = now,
            State = state,
            Kernel = state.ToReport(_reader.ReleaseName),
            Statistics = statistics,
            Scan = new ScanReport
            {
                Processes = statistics.Processes,
                MapsReads = statistics.MapsReads + remeasured,
                SmapsReads = statistics.SmapsReads + remeasured,
                Unreadable = statistics.Unreadable,
                DurationMicroseconds = (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds,
            },
            Processes = processes,
            Groups = [.. worst.Select(p => p.Group)],
            Truncated = truncated,
            Denied = _loud.Count(r => r.Status == ReadStatus.Denied),
            Unsupported = _loud.Count(r => r.Status == ReadStatus.Unsupported),
        };
    }

    public void Dispose() => _sieve.Dispose();

    private List<ProcessReport> Complete(List<ReportedProcess> worst, DateTimeOffset now)
    {
        var growth = new Dictionary<ProcessIdentity, GrowthWindow>(worst.Count);
        var processes = new List<ProcessReport>(worst.Count);
        foreach (var process in worst)
        {
            var reading = process.Reading;
            var identity = new ProcessIdentity(reading.Pid, ReportConversion.Signed(reading.StartTime));
            var window = _growth.TryGetValue(identity, out var known) ? known : new GrowthWindow();
            growth[identity] = window;
            if (!reading.Assessment.IsBound)
            {
                // A kept answer is a sample of now: the ranges were read again, only the flags were not.
                window.Add(now, ReportConversion.Signed(reading.Assessment.Used));
            }

            var place = _names.Of(process.Membership);
            var report = reading.ToReport(BoundedText.Of(process.Membership.Unit)) with
            {
                Pod = place?.Pod,
                Container = place?.Container,
            };
            processes.Add(WithGrowth(report, window));
        }

        _growth = growth;
        return processes;
    }

    // What is held against the limit in one mode says nothing about the next, nor do times of a clock that was set back.
    private void ForgetGrowthOfAnotherTime(OvercommitMode mode, DateTimeOffset now)
    {
        if (mode != _lastMode || now < _lastTime)
        {
            _growth.Clear();
        }

        _lastMode = mode;
        _lastTime = now;
    }

    private static ProcessReport WithGrowth(ProcessReport report, GrowthWindow window)
    {
        var mapping = report.Mapping is { } m ? m with { Name = BoundedText.Of(m.Name) } : null;
        return window.Estimate() is { } growth
            ? report with
            {
                Mapping = mapping,
                GrowthBytesPerMinute = growth.BytesPerMinute,
                SecondsToLimit = report.LimitBytes is { } limit
                    ? GrowthWindow.SecondsToLimit(report.UsedBytes, limit, growth)
                    : null,
            }
            : report with
            {
                Mapping = mapping,
            };
    }
}
