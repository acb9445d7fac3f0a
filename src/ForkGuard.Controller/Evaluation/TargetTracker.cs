using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Evaluation;

/// <summary>The targets of one watch: the state of each, and what is still to be emitted. Safe for concurrent use.</summary>
/// <param name="watch">The watch at one generation.</param>
/// <param name="uid">Its uid.</param>
internal sealed class TargetTracker(Watch watch, string uid = "")
{
    /// <summary>A report has 64 entries; more targets of one node come only from a report that changes its names all the time.</summary>
    private const int MaxTargetsOfNode = 512;

    internal static readonly ActionDecision NoAction = new(Wanted: false, []);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<Target, TargetState>> _nodes = new(StringComparer.Ordinal);
    private readonly RecentMemories<Target> _recent = new();
    private readonly List<Notification> _notifications = [];

    internal Watch Watch { get; } = watch;

    /// <summary>It is that of the watch with this uid.</summary>
    internal bool IsOf(string watchUid) => string.Equals(watchUid, uid, StringComparison.Ordinal);

    /// <summary>All targets, worst first.</summary>
    internal IReadOnlyList<TargetState> Targets
    {
        get
        {
            lock (_lock)
            {
                return
                [
                    .. _nodes
                        .Values.SelectMany(targets => targets.Values)
                        .OrderByDescending(target => target.Constraint.Percent),
                ];
            }
        }
    }

    /// <summary>The targets whose pod the watch wants restarted, worst first.</summary>
    internal IReadOnlyList<TargetState> Wanted =>
        [.. Targets.Where(state => state is { Action.Wanted: true, Pod: not null })];

    /// <summary>Notifications to emit, oldest first; each stays until <see cref="Emitted"/>.</summary>
    internal IReadOnlyList<Notification> Notifications
    {
        get
        {
            lock (_lock)
            {
                return [.. _notifications];
            }
        }
    }

    /// <summary>It has a target of this pod.</summary>
    internal bool Has(string podUid)
    {
        lock (_lock)
        {
            return _nodes
                .Values.SelectMany(targets => targets.Keys)
                .Any(target => string.Equals(target.PodUid, podUid, StringComparison.Ordinal));
        }
    }

    /// <summary>It has a target on this node.</summary>
    internal bool HasOn(string node)
    {
        lock (_lock)
        {
            return _nodes.ContainsKey(node);
        }
    }

    internal void Emitted(Notification notification)
    {
        lock (_lock)
        {
            _notifications.Remove(notification);
        }
    }

    /// <summary>Takes over what the watch announced before its spec changed. Holds and wants belong to the spec before, and start again.</summary>
    internal void Inherit(TargetTracker earlier, DateTimeOffset now)
    {
        lock (earlier._lock)
        {
            lock (_lock)
            {
                _notifications.AddRange(earlier._notifications);
                if (earlier.Watch.Rule.EvaluateAs != Watch.Rule.EvaluateAs)
                {
                    // The evaluation by one rule shows nothing about that by another.
                    return;
                }

                _recent.KeepAllOf(earlier._recent);
                foreach (var state in earlier._nodes.Values.SelectMany(targets => targets.Values))
                {
                    Inherit(state, now);
                }
            }
        }
    }

    // A target that the watch does not select any more has not recovered. The next report names what it shares with others.
    private void Inherit(TargetState state, DateTimeOffset now)
    {
        var isNamed = state.Process is not { } process || Watch.Selector.Selects(process);
        if (isNamed && Watch.Selects(state.Process, state.Constraint))
        {
            Set(state with { Memory = state.Memory.WithoutHolds(), Action = NoAction });
        }
        else
        {
            _recent.Inherit(state.Target, state.Memory, now);
        }
    }

    /// <summary>Takes a target over from the watch's status, which another controller wrote.</summary>
    internal void Remember(TargetState state)
    {
        lock (_lock)
        {
            Set(state);
        }
    }

    /// <summary>Takes a target over that an earlier controller announced, and that the watch's status has no place for.</summary>
    internal void TakeOver(Target target, TargetReading found, NodeReading reading, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_nodes.GetValueOrDefault(reading.Node)?.ContainsKey(target) != true)
            {
                Set(TargetMemory.Announced(target, found, reading, now));
            }
        }
    }

    /// <summary>Evaluates the reading of a target.</summary>
    internal void Evaluate(Target target, TargetReading found, NodeReading reading, DateTimeOffset now)
    {
        lock (_lock)
        {
            var targets = _nodes.GetValueOrDefault(reading.Node);
            var past = targets?.GetValueOrDefault(target);
            if (past is null && targets?.Count >= MaxTargetsOfNode)
            {
                return;
            }

            var isFresh = found.Process is null || reading.IsFresh(found.Process, found.Constraint);
            var state = new TargetState
            {
                Target = target,
                Node = reading.Node,
                Pod = found.Pod,
                Process = found.Process,
                Constraint = found.Constraint,
                OvercommitMode = reading.OvercommitMode,
                HasSwap = reading.HasSwap,
                LimitChangedTime = now - reading.LimitChangedAgo,
                SeenTimestamp = reading.SeenTimestamp,
                Memory =
                    past?.Memory
                    ?? _recent.Find(target, now)
                    ?? new RiskMemory { EvaluatedTime = now, EvidenceTime = now },
                Level = past?.Level ?? RiskLevel.Clear,
                Action = NoAction,
                Since = past is { IsAtRisk: true } ? past.Since : now,
            };
            Evaluate(state, isFresh, reading.ScanInterval, now);
            _recent.Remove(target);
        }
    }

    /// <summary>
    /// Evaluates the recovering targets again by the last report: an agent writes every scan only while a process is near a
    /// warning, so that none of its reports comes when the hold of a recovery is over.
    /// </summary>
    /// <param name="isSilent">The node stopped reporting, so that its last report proves nothing any more.</param>
    /// <param name="heartbeat">The longest time between two reports of a node that is not silent.</param>
    /// <param name="now">The time.</param>
    /// <returns>There are still recovering targets.</returns>
    internal bool Repeat(Func<string, bool> isSilent, TimeSpan heartbeat, DateTimeOffset now)
    {
        lock (_lock)
        {
            var recovering = _nodes
                .Where(node => !isSilent(node.Key))
                .SelectMany(node => node.Value.Values)
                .Where(state => state.IsRecovering)
                .ToList();
            foreach (var state in recovering)
            {
                if (state.Absence is { } cause)
                {
                    Ease(state, cause, heartbeat, now);
                }
                else
                {
                    Evaluate(state, isFresh: true, heartbeat, now);
                }
            }

            return _nodes.Values.SelectMany(targets => targets.Values).Any(state => state.IsRecovering);
        }
    }

    /// <summary>Evaluates the targets of a node that its report does not name.</summary>
    /// <param name="reading">The report.</param>
    /// <param name="isNamed">The report names the target.</param>
    /// <param name="below">The percentage that the report proves an absent target to be below; null if it proves nothing.</param>
    /// <param name="now">The time.</param>
    internal void EvaluateAbsent(
        NodeReading reading,
        Func<Target, bool> isNamed,
        Func<TargetState, int?> below,
        DateTimeOffset now
    )
    {
        lock (_lock)
        {
            foreach (var state in _nodes.GetValueOrDefault(reading.Node)?.Values.ToList() ?? [])
            {
                if (isNamed(state.Target))
                {
                    continue;
                }

                if (!reading.Lists(state.Target.Constraint, Watch.Rule.EvaluateAs))
                {
                    Leave(state, now);
                }
                else if (!reading.Applies(state.Target.Constraint, Watch.Rule.EvaluateAs))
                {
                    Ease(state, RecoveryCause.NotApplicable, reading.ScanInterval, now);
                }
                else if (below(state) <= Watch.Rule.ClearBelowPercent)
                {
                    Ease(state, RecoveryCause.NoLongerReported, reading.ScanInterval, now);
                }
                else if (!state.Memory.IsAnnounced && Continuity.IsBroken(state.Memory, reading.ScanInterval, now))
                {
                    Leave(state, now);
                }
                else
                {
                    // A target that is not in the report has no evidence, and wants nothing.
                    var memory = state.Memory with
                    {
                        ClearSince = null,
                    };
                    Set(state with { Action = NoAction, Memory = memory, Absence = null });
                }
            }
        }
    }

    /// <summary>Forgets the targets that the watch does not select any more, and evaluates those whose pod is gone.</summary>
    /// <param name="isGone">The pod of the target is gone.</param>
    /// <param name="isSelected">The watch selects the target.</param>
    /// <param name="interval">The longest time between two calls.</param>
    /// <param name="now">The time.</param>
    /// <returns>Targets of pods that are gone are still to be evaluated.</returns>
    internal bool Prune(
        Func<TargetState, bool> isGone,
        Func<TargetState, bool> isSelected,
        TimeSpan interval,
        DateTimeOffset now
    )
    {
        var goes = false;
        lock (_lock)
        {
            foreach (var state in _nodes.Values.SelectMany(targets => targets.Values).ToList())
            {
                if (isGone(state))
                {
                    goes |= !Ease(state, RecoveryCause.Ended, interval, now, podIsGone: true);
                }
                else if (!isSelected(state))
                {
                    Leave(state, now);
                }
            }
        }

        return goes;
    }

    /// <returns>The target is clear, and forgotten.</returns>
    private bool Ease(
        TargetState state,
        RecoveryCause cause,
        TimeSpan interval,
        DateTimeOffset now,
        bool podIsGone = false
    )
    {
        var evaluation = RiskEvaluator.EvaluateAbsent(Watch.Rule, state.Memory, cause, interval, now);
        var eased = state with
        {
            Memory = evaluation.Next,
            Level = evaluation.Level,
            Action = NoAction,
            Absence = cause,
        };
        Notify(eased, evaluation, isAbsent: true, podIsGone);
        if (evaluation.Next.IsAnnounced)
        {
            Set(eased);
            return false;
        }

        if (podIsGone)
        {
            Remove(state);
        }
        else
        {
            Leave(eased, now);
        }

        return true;
    }

    private void Evaluate(TargetState state, bool isFresh, TimeSpan interval, DateTimeOffset now)
    {
        var input = new RiskInput(
            state.Process,
            state.Constraint,
            state.OvercommitMode,
            isFresh,
            interval,
            state.LimitChangedTime
        );
        var evaluation = RiskEvaluator.Evaluate(Watch.Rule, state.Memory, in input, now);
        var next = state with
        {
            Memory = evaluation.Next,
            Level = evaluation.Level,
            // No restart of a pod mends a constraint of the node.
            Action = state.Process is null ? NoAction : evaluation.Action,
        };
        Set(next);
        Notify(next, evaluation);
    }

    private void Set(TargetState state)
    {
        if (!_nodes.TryGetValue(state.Node, out var targets))
        {
            _nodes[state.Node] = targets = [];
        }

        targets[state.Target] = state;
    }

    /// <summary>Removes a target that may come back.</summary>
    private void Leave(TargetState state, DateTimeOffset now)
    {
        Remove(state);
        _recent.Keep(state.Target, state.Memory, now);
    }

    private void Remove(TargetState state)
    {
        if (_nodes.TryGetValue(state.Node, out var targets) && targets.Remove(state.Target) && targets.Count == 0)
        {
            _nodes.Remove(state.Node);
        }
    }

    private void Notify(TargetState state, RiskEvaluation evaluation, bool isAbsent = false, bool podIsGone = false)
    {
        foreach (var announcement in evaluation.Announcements)
        {
            _notifications.Add(new Notification(state, announcement, isAbsent, podIsGone));
        }
    }
}
