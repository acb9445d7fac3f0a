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

/// <summary>What one pass found.</summary>
/// <param name="Worst">The worst of each group, worst first.</param>
/// <param name="Truncated">There were more groups.</param>
/// <param name="Statistics">What it cost, with what was measured anew.</param>
/// <param name="Denied">Processes that mattered and whose mappings the kernel did not show.</param>
/// <param name="Unsupported">Processes that mattered and whose smaps is missing or has no flags.</param>
internal sealed record PassFindings(
    List<ReportedProcess> Worst,
    bool Truncated,
    ScanStatistics Statistics,
    int Denied,
    int Unsupported
)
{
    internal IReadOnlyList<ReportedGroup> Groups => [.. Worst.Select(p => p.Group)];
}

/// <summary>One pass over all processes after another by one rule: a sieve, and the growth of the worst it finds. Not for several threads at once.</summary>
internal sealed class RulePass : IDisposable
{
    private readonly ProcRoot _proc;
    private readonly Sieve _sieve;
    private readonly List<ProcessReading> _loud = [];
    private Dictionary<ProcessIdentity, GrowthWindow> _growth = [];
    private OvercommitMode? _lastMode;
    private DateTimeOffset _lastTime;

    /// <exception cref="IOException">The root of /proc cannot be opened.</exception>
    internal RulePass(ProcRoot proc, int mostHeld)
    {
        _proc = proc;
        _sieve = new Sieve(proc, mostHeld) { TrustsCommitted = true };
    }

    /// <summary>Looks once at everything by the rule of a mode.</summary>
    internal PassFindings Scan(KernelState state, OvercommitMode mode, ReportSettings settings, DateTimeOffset now)
    {
        ForgetGrowthOfAnotherTime(mode, now);
        _loud.Clear();
        var statistics = _sieve.Scan(state, mode, settings.LevelPercent, now, _loud);
        var remeasured = 0;
        var choice = new WorstOfEach(
            pid => CgroupMembership.Read(_proc, pid),
            pid =>
            {
                remeasured++;
                return _sieve.Remeasure(pid, state, mode, settings.LevelPercent, now);
            }
        );
        var (worst, truncated) = choice.Choose(_loud, settings);
        return new PassFindings(
            worst,
            truncated,
            statistics with
            {
                MapsReads = statistics.MapsReads + remeasured,
                SmapsReads = statistics.SmapsReads + remeasured,
            },
            _loud.Count(r => r.Status == ReadStatus.Denied),
            _loud.Count(r => r.Status == ReadStatus.Unsupported)
        );
    }

    /// <summary>The worst of the last scan as they are reported: with growth, and the names that are known by now.</summary>
    internal List<ProcessReport> Complete(PassFindings found, PodNames names, DateTimeOffset now)
    {
        var growth = new Dictionary<ProcessIdentity, GrowthWindow>(found.Worst.Count);
        var processes = new List<ProcessReport>(found.Worst.Count);
        foreach (var process in found.Worst)
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

            var place = names.Of(process.Membership);
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

    public void Dispose() => _sieve.Dispose();

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
