using ForkGuard.Api;
using ForkGuard.Node.Scanning;

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

        if (IsHot(scan, settings))
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

    // A what-if has its hold as well, and is judged by readings of every scan.
    private static bool IsHot(ScanResult scan, ReportSettings settings) =>
        scan.Processes.Any(settings.IsHot) || scan.WhatIf.Any(w => w.Processes.Any(settings.IsHot));

    private sealed record WrittenReport(
        DateTimeOffset Time,
        int Mode,
        bool Truncated,
        bool WasHot,
        IReadOnlyList<WhatIfRule> WhatIf,
        Dictionary<MemberKey, Member> Members,
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
                IsHot(scan, settings),
                [.. scan.WhatIf.Select(w => w.Rule)],
                MembersOf(scan),
                conditions.ToDictionary(c => c.Type, c => (c.Status, c.Reason), StringComparer.Ordinal)
            );

        internal bool DiffersFrom(ScanResult scan, IReadOnlyList<Condition> conditions, ReportSettings settings)
        {
            var members = MembersOf(scan);
            return scan.Kernel.OvercommitMode != Mode
                || !scan.WhatIf.Select(w => w.Rule).SequenceEqual(WhatIf)
                || conditions.Any(c => !Conditions.TryGetValue(c.Type, out var then) || then != (c.Status, c.Reason))
                || members.Any(m => IsNews(m.Key, m.Value, settings))
                || Members.Any(m => !members.ContainsKey(m.Key) && m.Value.IsSurelyIn(settings));
        }

        private bool IsNews(MemberKey key, Member now, ReportSettings settings) =>
            Members.TryGetValue(key, out var then)
                ? now.Verdict != then.Verdict
                    || (
                        now.Percent / BandPercent != then.Percent / BandPercent
                        && Math.Abs(now.Percent - then.Percent) >= SurePercent
                    )
                : now.IsSurelyIn(settings);

        private static Dictionary<MemberKey, Member> MembersOf(ScanResult scan)
        {
            var members = new Dictionary<MemberKey, Member>(scan.Groups.Count);
            AddTo(members, null, scan.Groups, scan.Processes);
            foreach (var whatIf in scan.WhatIf)
            {
                AddTo(members, whatIf.Rule, whatIf.Groups, whatIf.Processes);
            }

            return members;
        }

        private static void AddTo(
            Dictionary<MemberKey, Member> members,
            WhatIfRule? rule,
            IReadOnlyList<ReportedGroup> groups,
            IReadOnlyList<ProcessReport> processes
        )
        {
            for (var i = 0; i < groups.Count; i++)
            {
                members[new MemberKey(rule, groups[i])] = Member.Of(processes[i]);
            }
        }
    }

    /// <param name="Rule">The what-if that it is in the list of; null for the kernel's own rule.</param>
    /// <param name="Group">Whom it stands for.</param>
    private readonly record struct MemberKey(WhatIfRule? Rule, ReportedGroup Group);

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
