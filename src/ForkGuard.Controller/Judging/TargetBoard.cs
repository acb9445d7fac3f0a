using ForkGuard.Api;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy;

namespace ForkGuard.Controller.Judging;

/// <summary>The targets of one watch: what each remembers, and what is still to be told. Safe for concurrent use.</summary>
internal sealed class TargetBoard(Watch watch)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Target, TargetState> _targets = [];
    private readonly List<Notice> _notices = [];

    internal Watch Watch { get; } = watch;

    /// <summary>All targets, worst first.</summary>
    internal IReadOnlyList<TargetState> Targets
    {
        get
        {
            lock (_lock)
            {
                return [.. _targets.Values.OrderByDescending(target => target.Process.Percent)];
            }
        }
    }

    /// <summary>What is to be told, oldest first; it stays until <see cref="Told"/>.</summary>
    internal IReadOnlyList<Notice> Notices
    {
        get
        {
            lock (_lock)
            {
                return [.. _notices];
            }
        }
    }

    /// <summary>It has a target of this pod.</summary>
    internal bool Has(string podUid)
    {
        lock (_lock)
        {
            return _targets.Keys.Any(target => string.Equals(target.PodUid, podUid, StringComparison.Ordinal));
        }
    }

    /// <summary>It has a target on this node.</summary>
    internal bool HasOn(string node)
    {
        lock (_lock)
        {
            return _targets.Values.Any(state => IsOf(state, node));
        }
    }

    internal void Told(Notice notice)
    {
        lock (_lock)
        {
            _notices.Remove(notice);
        }
    }

    /// <summary>Takes over what a watch of the same name knew before its spec changed.</summary>
    internal void Inherit(TargetBoard earlier)
    {
        foreach (var state in earlier.Targets)
        {
            Remember(state);
        }

        lock (_lock)
        {
            _notices.AddRange(earlier.Notices);
        }
    }

    /// <summary>Takes a target over from the watch's status, which another controller wrote.</summary>
    internal void Remember(TargetState state)
    {
        lock (_lock)
        {
            _targets[state.Target] = state;
        }
    }

    /// <summary>Judges what a report says of a target.</summary>
    internal void Judge(
        Target target,
        PodReference? pod,
        ProcessReport process,
        NodeReading reading,
        DateTimeOffset now
    )
    {
        lock (_lock)
        {
            var past = _targets.GetValueOrDefault(target);
            var input = new RiskInput(
                process,
                reading.IsFresh(process),
                reading.OvercommitMode,
                reading.LimitChangedTime,
                reading.ScanInterval
            );
            var judgement = RiskJudge.Judge(Watch.Rule, past?.Memory, in input, now);
            var state = new TargetState
            {
                Target = target,
                Node = reading.Node,
                Pod = pod,
                Process = process,
                OvercommitMode = reading.OvercommitMode,
                Memory = judgement.Next,
                Level = judgement.Level,
                Action = judgement.Action,
                Since = past is { IsAtRisk: true } ? past.Since : now,
            };
            _targets[target] = state;
            Tell(state, judgement.Announcement);
        }
    }

    /// <summary>The targets of a node that its complete and fresh report does not name any more.</summary>
    internal void JudgeAbsent(NodeReading reading, HashSet<Target> named, DateTimeOffset now)
    {
        lock (_lock)
        {
            foreach (var state in _targets.Values.Where(state => IsOf(state, reading.Node)).ToList())
            {
                if (!named.Contains(state.Target))
                {
                    _targets.Remove(state.Target);
                    var mode = reading.OvercommitMode;
                    Tell(state, RiskJudge.NoLongerReported(Watch.Rule, state.Memory, mode, now), isAbsent: true);
                }
            }
        }
    }

    /// <summary>Forgets the targets that the watch does not select any more, or whose pod is gone.</summary>
    /// <param name="isGone">Tells whether a target's pod is gone.</param>
    /// <param name="isSelected">Tells whether the watch selects a target.</param>
    /// <param name="now">The time.</param>
    internal void Prune(Func<TargetState, bool> isGone, Func<TargetState, bool> isSelected, DateTimeOffset now)
    {
        lock (_lock)
        {
            foreach (var state in _targets.Values.ToList())
            {
                var gone = isGone(state);
                if (gone || !isSelected(state))
                {
                    _targets.Remove(state.Target);
                    Tell(state, gone ? RiskJudge.Gone(Watch.Rule, state.Memory, now) : null, isAbsent: gone, gone);
                }
            }
        }
    }

    private static bool IsOf(TargetState state, string node) =>
        string.Equals(state.Node, node, StringComparison.Ordinal);

    private void Tell(TargetState state, RiskAnnouncement? announcement, bool isAbsent = false, bool podIsGone = false)
    {
        if (announcement is not null)
        {
            _notices.Add(new Notice(state, announcement, isAbsent, podIsGone));
        }
    }
}
