using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Node.Readings;

/// <summary>
/// Growth of each constraint from one scan to the next. A process is known by pid and start time, tasks by the cgroup or node
/// that shares the limit. Not for several threads at once.
/// </summary>
/// <remarks>
/// Upper bounds and measurements have separate histories, since a bound may be far above. A measurement within a point of the
/// last bound continues with a copy of its history.
/// </remarks>
internal sealed class GrowthTracker
{
    /// <summary>Each holds up to 64 samples.</summary>
    private const int MaxTracked = 512;

    private const int MaxBoundedScans = 3;

    private readonly Dictionary<Key, History> _histories = [];
    private readonly Dictionary<Subject, SettledReport> _earlier = [];
    private long _scan;
    private DateTimeOffset _now;

    /// <summary>Starts a scan. A clock that was set back starts every history again.</summary>
    internal void Begin(DateTimeOffset now)
    {
        if (now < _now)
        {
            _histories.Clear();
        }

        _now = now;
        _scan++;
    }

    /// <summary>
    /// Forgets what this scan did not have. Measurements outlast three scans that had only an upper bound, since smaps is not always
    /// read in time.
    /// </summary>
    internal void End()
    {
        foreach (var (key, history) in _histories)
        {
            if (history.Scan != _scan && !(IsBounded(key) && _scan - history.Scan <= MaxBoundedScans))
            {
                _histories.Remove(key);
            }
        }

        _earlier.Clear();
    }

    /// <summary>
    /// Takes over where constraints settled by an earlier report of the same node. It counts for the histories that exist
    /// and for those that the next scan starts.
    /// </summary>
    internal void Restore(ProcessIdentity process, ConstraintReport earlier)
    {
        if (earlier.Settled is not { } settled || earlier.Type.Known is null)
        {
            return;
        }

        var subject = Subject.Of(process, earlier);
        _earlier[subject] = settled;
        foreach (var (key, history) in _histories)
        {
            if (key.Subject.Bounded == subject && !(history.State.Settled?.Time <= settled.Time))
            {
                history.State = new GrowthState(settled);
            }
        }
    }

    /// <summary>
    /// Adds a reading of this scan, once for each history, and returns the constraint with growth, settled usage and the time
    /// left, as far as they are known.
    /// </summary>
    /// <param name="process">The process; default for the node.</param>
    /// <param name="constraint">The constraint as read in this scan.</param>
    /// <param name="age">
    /// Time since the process started. Usage that processes share settles from when it was first seen: a container starts again
    /// beside processes of its pod that are much older.
    /// </param>
    internal ConstraintReport Complete(ProcessIdentity process, ConstraintReport constraint, TimeSpan age)
    {
        var subject = Subject.Of(process, constraint);
        // The peak of earlier saves grows with no save; what a running one takes is in its own reading.
        var isSave = constraint.Type == ConstraintType.CopyOnWrite;
        if (constraint.Problem is not null || isSave || Find(subject, constraint) is not { } history)
        {
            return constraint;
        }

        // Fork children come and go, and are no growth.
        var lasting = constraint.Used - (constraint.ForkChildren ?? 0);
        if (history.Scan != _scan)
        {
            history.Scan = _scan;
            history.Used = lasting;
            history.Window.Add(_now, lasting);
            var wasGrowing = history.State.Growing == true;
            var settling = subject.IsShared ? _now - history.Start : age;
            history.State.Add(_now, lasting, constraint.Limit, history.HasSettled ? TimeSpan.MaxValue : settling);
            if (!wasGrowing && history.State.Growing == true)
            {
                // The slope of the time before would hide that growth has begun.
                history.Window.Clear();
                history.Window.Add(_now, lasting);
            }
        }

        var growth = history.Window.Estimate();
        return constraint with
        {
            GrowthPerMinute = growth?.PerMinute,
            SecondsToLimit = growth is { } g ? GrowthWindow.SecondsToLimit(lasting, constraint.Limit, g) : null,
            Growing = history.State.Growing,
            Settled = history.State.Settled,
        };
    }

    private bool IsBounded(in Key key) =>
        !key.IsBound && _histories.TryGetValue(key with { IsBound = true }, out var bound) && bound.Scan == _scan;

    private History? Find(Subject subject, ConstraintReport constraint)
    {
        var isBound = constraint.Confidence == Confidence.UpperBound;
        var key = new Key(subject, isBound);
        if (_histories.TryGetValue(key, out var history))
        {
            return history;
        }

        if (_histories.Count >= MaxTracked)
        {
            return null;
        }

        var other = _histories.GetValueOrDefault(new Key(subject, !isBound));
        var isSame = other is not null && Math.Abs(other.Used - constraint.Used) <= constraint.Limit / 100;
        var otherSettled = other?.State.Settled;
        // Usage above the bound that it settled below has grown since.
        var below =
            !isBound && otherSettled?.Used < constraint.Used - (constraint.ForkChildren ?? 0) ? otherSettled : null;
        history = isSame
            ? new History(other!)
            : new History(_earlier.GetValueOrDefault(subject.Bounded) ?? below, _now)
            {
                HasSettled = otherSettled is not null,
            };
        _histories.Add(key, history);
        return history;
    }

    /// <summary>The owner of one usage. A cgroup's path is empty for a process and the node.</summary>
    private readonly record struct Subject(ProcessIdentity Process, ConstraintType Type, string Scope)
    {
        internal static Subject Of(ProcessIdentity process, ConstraintReport constraint)
        {
            var type = constraint.Type.Known!.Value;
            // The tasks of a user are one usage for all processes with the same limit.
            return type == ConstraintType.UserProcesses
                    ? new Subject(
                        default,
                        type,
                        FormattableString.Invariant($"{constraint.ScopeName} {constraint.Limit}")
                    )
                : ConstraintTraits.Of(type).IsSharedUsage ? new Subject(default, type, constraint.ScopeName ?? "")
                : new Subject(process, type, "");
        }

        internal bool IsShared => Process == default;

        /// <summary>With the scope as a report has it.</summary>
        internal Subject Bounded => this with { Scope = BoundedPath.Of(Scope) };
    }

    private readonly record struct Key(Subject Subject, bool IsBound);

    private sealed class History(SettledReport? settled, DateTimeOffset start)
    {
        /// <summary>Starts with all samples of another one, and goes its own way.</summary>
        internal History(History other)
            : this(settled: null, other.Start)
        {
            HasSettled = other.HasSettled;
            Window = new GrowthWindow(other.Window);
            State = new GrowthState(other.State);
            Scan = other.Scan;
            Used = other.Used;
        }

        internal DateTimeOffset Start { get; } = start;

        /// <summary>The usage had settled by its other history, when this one began.</summary>
        internal bool HasSettled { get; init; }
        internal GrowthWindow Window { get; } = new();
        internal GrowthState State { get; set; } = new(settled);
        internal long Scan { get; set; }
        internal long Used { get; set; }
    }
}
