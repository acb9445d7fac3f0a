using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Policy;

namespace ForkGuard.Node.Readings;

/// <summary>A process by what no later process shares.</summary>
internal readonly record struct ProcessIdentity(int Pid, long StartTime)
{
    internal static ProcessIdentity Of(in ProcessReading reading) =>
        new(reading.Pid, ReportConversion.Signed(reading.StartTime));
}

/// <summary>How fast the processes grow that one scan after another finds. Not for several threads at once.</summary>
internal sealed class ProcessGrowth
{
    private Dictionary<ProcessIdentity, GrowthWindow> _known = [];
    private OvercommitMode? _lastMode;
    private DateTimeOffset _lastTime;

    /// <summary>Takes what a scan by the rule of a mode found; a process that is not in it any more is forgotten.</summary>
    internal void Add(IReadOnlyCollection<ProcessReading> found, OvercommitMode mode, DateTimeOffset now)
    {
        // What is held against the limit in one mode says nothing about the next, nor do times of a clock that was set back.
        var past = mode == _lastMode && now >= _lastTime ? _known : [];
        _known = new Dictionary<ProcessIdentity, GrowthWindow>(found.Count);
        _lastMode = mode;
        _lastTime = now;
        foreach (var reading in found)
        {
            var identity = ProcessIdentity.Of(reading);
            var window = past.TryGetValue(identity, out var known) ? known : new GrowthWindow();
            _known[identity] = window;
            if (!reading.Assessment.IsBound)
            {
                // A kept answer is a sample of now: the ranges were read again, only the flags were not. What fork
                // children hold comes and goes, and is no growth.
                window.Add(now, ReportConversion.Signed(reading.Assessment.Used - reading.ForkChildren));
            }
        }
    }

    /// <summary>The report with its growth, as far as that is known, and the time left without what fork children hold.</summary>
    internal ProcessReport Complete(ProcessReport report) =>
        _known.GetValueOrDefault(new ProcessIdentity(report.Pid, report.StartTime))?.Estimate() is { } growth
            ? report with
            {
                GrowthBytesPerMinute = growth.BytesPerMinute,
                SecondsToLimit = report.LimitBytes is { } limit
                    ? GrowthWindow.SecondsToLimit(report.UsedBytes - (report.ForkChildBytes ?? 0), limit, growth)
                    : null,
            }
            : report;
}
