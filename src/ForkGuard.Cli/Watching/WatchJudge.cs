using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Node.Readings;
using ForkGuard.Policy;

namespace ForkGuard.Cli.Watching;

/// <summary>One watch over all processes of this host, and what it remembers of each.</summary>
internal sealed class WatchJudge(HostWatch watch, RuleScan scan, TimeSpan interval)
{
    private readonly Dictionary<ProcessIdentity, Remembered> _remembered = [];

    internal HostWatch Watch { get; } = watch;

    /// <summary>Processes that are at risk now: pending, announced, or unable to fork.</summary>
    internal int AtRisk { get; private set; }

    /// <summary>Processes whose bound reaches the warning and whose mappings could not be read.</summary>
    internal int Undecided { get; private set; }

    /// <summary>Judges what a scan found, and what was at risk before and is not among it any more.</summary>
    internal void Judge(
        IReadOnlyDictionary<ProcessIdentity, ScannedProcess> found,
        in KernelState state,
        DateTimeOffset? limitChanged,
        DateTimeOffset now,
        ICollection<WatchEvent> events
    )
    {
        AtRisk = 0;
        Undecided = 0;
        foreach (var (identity, process) in found)
        {
            if (Watch.Matches(process.Report.Command, process.Membership))
            {
                Judge(identity, process, state, limitChanged, now, events);
            }
        }

        foreach (var (identity, past) in _remembered.Where(r => !found.ContainsKey(r.Key)).ToList())
        {
            JudgeAbsent(identity, past, state, limitChanged, now, events);
        }
    }

    private void JudgeAbsent(
        ProcessIdentity identity,
        Remembered past,
        in KernelState state,
        DateTimeOffset? limitChanged,
        DateTimeOffset now,
        ICollection<WatchEvent> events
    )
    {
        if (past.Level is not (RiskLevel.AtRisk or RiskLevel.Impossible))
        {
            _remembered.Remove(identity);
        }
        else if (scan.Remeasure(identity, state, now) is { } process)
        {
            Judge(identity, process, state, limitChanged, now, events);
        }
        else
        {
            if (RiskJudge.Gone(Watch.Rule, past.Memory, now) is { } announcement)
            {
                events.Add(EventOf(announcement, past.Report, state, now));
            }

            _remembered.Remove(identity);
        }
    }

    private void Judge(
        ProcessIdentity identity,
        ScannedProcess process,
        in KernelState state,
        DateTimeOffset? limitChanged,
        DateTimeOffset now,
        ICollection<WatchEvent> events
    )
    {
        var past = _remembered.TryGetValue(identity, out var remembered) ? remembered.Memory : null;
        var input = new RiskInput(process.Report, process.IsFresh, (int)state.Mode, limitChanged, interval);
        var judgement = RiskJudge.Judge(Watch.Rule, past, input, now);
        if (judgement.NeedsFreshReading && !process.IsFresh && scan.Remeasure(identity, state, now) is { } fresh)
        {
            process = fresh;
            judgement = RiskJudge.Judge(Watch.Rule, past, input with { Reading = fresh.Report, Fresh = true }, now);
        }

        AtRisk += judgement.Level is RiskLevel.Pending or RiskLevel.AtRisk or RiskLevel.Impossible ? 1 : 0;
        Undecided += judgement.Level is RiskLevel.Unknown || judgement.NeedsFreshReading ? 1 : 0;
        if (judgement.Announcement is { } announcement)
        {
            events.Add(EventOf(announcement, process.Report, state, now));
        }

        // Last: where memory runs out, the next scan announces again what this one could not.
        _remembered[identity] = new Remembered(judgement.Next, judgement.Level, process.Report);
    }

    private WatchEvent EventOf(
        RiskAnnouncement announcement,
        ProcessReport report,
        in KernelState state,
        DateTimeOffset now
    )
    {
        var isRecovery = announcement.Type == RiskAnnouncementType.ForkRecovered;
        var note = EventNote.Of(report, (int)state.Mode, isRecovery);
        return new WatchEvent(
            now,
            announcement.Type.ToString(),
            Watch.Name,
            report,
            announcement.Reason,
            note,
            announcement.Count
        );
    }

    private sealed record Remembered(RiskMemory Memory, RiskLevel Level, ProcessReport Report);
}
