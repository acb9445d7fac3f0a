using ForkGuard.Api;

namespace ForkGuard.Agent.Reporting;

/// <summary>Why a report is written.</summary>
internal enum WriteReason
{
    None,

    /// <summary>Nothing was written yet, or what was written is gone.</summary>
    First,

    /// <summary>A process is hot: holds and gates judge fresh readings.</summary>
    Hot,

    /// <summary>A process was hot in the last written report and none is now.</summary>
    Cooled,

    /// <summary>Mode, verdict, member, band or condition is another one.</summary>
    Changed,

    /// <summary>It was quiet for long enough.</summary>
    Heartbeat,
}

/// <summary>When a report is worth a write. Knows what was written last; time is an argument.</summary>
internal sealed class WritePolicy(Func<double> random)
{
    private const int BandPercent = 5;

    /// <summary>A percentage that wavers about the border of two bands is not a change.</summary>
    private const int SurePercent = 2;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromMinutes(5);

    private WrittenReport? _written;
    private DateTimeOffset _heartbeatDue;

    /// <summary>Whether, and why, this scan is to be written now.</summary>
    internal WriteReason Ask(
        ScanResult scan,
        IReadOnlyList<Condition> conditions,
        ReportSettings settings,
        DateTimeOffset now
    )
    {
        if (_written is null)
        {
            return WriteReason.First;
        }

        if (scan.Processes.Any(settings.IsHot))
        {
            return WriteReason.Hot;
        }

        if (_written.WasHot)
        {
            return WriteReason.Cooled;
        }

        var isChanged = _written.DiffersFrom(scan, conditions, settings);
        return isChanged ? WriteReason.Changed
            : now >= _heartbeatDue || now < _written.Time ? WriteReason.Heartbeat
            : WriteReason.None;
    }

    /// <summary>The API server has taken it. The next heartbeat comes within five minutes, not at one time for all nodes.</summary>
    internal void Written(
        ScanResult scan,
        IReadOnlyList<Condition> conditions,
        ReportSettings settings,
        DateTimeOffset now
    )
    {
        _written = WrittenReport.Of(scan, conditions, settings, now);
        _heartbeatDue = now + (Heartbeat * (0.8 + (0.2 * random())));
    }

    /// <summary>What was written is gone.</summary>
    internal void Forget() => _written = null;

    private sealed record WrittenReport(
        DateTimeOffset Time,
        int Mode,
        bool Truncated,
        bool WasHot,
        Dictionary<ReportedGroup, Member> Members,
        Dictionary<string, (string Status, string? Reason)> Conditions
    )
    {
        internal static WrittenReport Of(
            ScanResult scan,
            IReadOnlyList<Condition> conditions,
            ReportSettings settings,
            DateTimeOffset now
        ) =>
            new(
                now,
                scan.Kernel.OvercommitMode,
                scan.Truncated,
                scan.Processes.Any(settings.IsHot),
                MembersOf(scan),
                conditions.ToDictionary(c => c.Type, c => (c.Status, c.Reason), StringComparer.Ordinal)
            );

        internal bool DiffersFrom(ScanResult scan, IReadOnlyList<Condition> conditions, ReportSettings settings)
        {
            var members = MembersOf(scan);
            return scan.Kernel.OvercommitMode != Mode
                || conditions.Any(c => !Conditions.TryGetValue(c.Type, out var then) || then != (c.Status, c.Reason))
                || members.Any(m => IsNews(m.Key, m.Value, settings))
                || Members.Any(m => !members.ContainsKey(m.Key) && m.Value.IsSurelyIn(settings));
        }

        private bool IsNews(ReportedGroup group, Member now, ReportSettings settings) =>
            Members.TryGetValue(group, out var then)
                ? now.Verdict != then.Verdict
                    || (
                        now.Percent / BandPercent != then.Percent / BandPercent
                        && Math.Abs(now.Percent - then.Percent) >= SurePercent
                    )
                : now.IsSurelyIn(settings);

        private static Dictionary<ReportedGroup, Member> MembersOf(ScanResult scan)
        {
            var members = new Dictionary<ReportedGroup, Member>(scan.Groups.Count);
            for (var i = 0; i < scan.Groups.Count; i++)
            {
                members[scan.Groups[i]] = Member.Of(scan.Processes[i]);
            }

            return members;
        }
    }

    /// <param name="Verdict">As reported.</param>
    /// <param name="Percent">As reported.</param>
    /// <param name="OwnPercent">In mode 2, where all processes share most of their percentage, what is its own.</param>
    private readonly record struct Member(Verdict Verdict, int Percent, int OwnPercent)
    {
        internal static Member Of(ProcessReport process) =>
            new(
                process.Verdict,
                process.Percent,
                process is { OwnBytes: { } own, LimitBytes: > 0 and { } limit }
                    ? (int)Int128.Min((Int128)own * 100 / limit, int.MaxValue)
                    : process.Percent
            );

        // Who wavers about the level of reporting comes and goes without news.
        internal bool IsSurelyIn(ReportSettings settings) => OwnPercent >= settings.LevelPercent + SurePercent;
    }
}
