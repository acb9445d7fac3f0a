using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Node.Readings;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Node.Scanning;

/// <summary>
/// Zombies and refused forks of the cgroups that are reported for their tasks. Zombies take the stat of every process, once a scan
/// for all cgroups: only cgroups above the threshold ask for it in every scan, and the others once a minute. Refusals are counted in
/// every scan, in 64 cgroups at most, in turn. Not for several threads at once.
/// </summary>
internal sealed class PidsDetails(ScanContext context)
{
    private const int MaxReads = 64;
    private const int MaxReadsOfOne = 16;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _earlier = new(StringComparer.Ordinal);
    private DateTimeOffset _now;
    private int _left;
    private long _turn;

    /// <summary>Takes over the refusals that an earlier report of the same node and boot counted.</summary>
    internal void Restore(ConstraintReport earlier)
    {
        if (earlier.Type == ConstraintType.Pids && earlier is { ScopeName: { } scope, Refused: { } refused })
        {
            _earlier[scope] = refused;
        }
    }

    /// <summary>Starts a scan.</summary>
    internal void Begin(DateTimeOffset now)
    {
        _now = now;
        _left = MaxReads;
        foreach (var (scope, known) in _known)
        {
            if (now - known.AskedTime > 10 * Interval || now < known.AskedTime)
            {
                _known.Remove(scope);
            }
        }

        List<Known> inTurn = [.. _known.Values.OrderBy(known => known.Turn)];
        inTurn.ForEach(known => Count(known, MaxReadsOfOne));
        inTurn.FindAll(known => known.Refused.IsUnfinished).ForEach(known => Count(known, MaxReads));
    }

    internal ConstraintReport Complete(ProcessFacts facts, ConstraintReport constraint, ReportSettings settings)
    {
        if (constraint.Type != ConstraintType.Pids || constraint.Problem is not null)
        {
            return constraint;
        }

        var scope = constraint.ScopeName ?? "";
        if (PidsDetail.FindLimiting(facts, scope) is not { } limiting)
        {
            return constraint;
        }

        if (!_known.TryGetValue(scope, out var known))
        {
            var earlier = _earlier.Remove(BoundedPath.Of(scope), out var total) ? (ulong?)total : null;
            known = new Known(new RefusedForks(limiting, earlier));
            _known.Add(scope, known);
            Count(known, MaxReads);
        }

        known.AskedTime = _now;
        var isDue =
            known.Zombies is null
            || settings.RankOf(constraint).Urgency > Urgency.Low
            || _now - known.ZombiesTime >= Interval;
        if (isDue)
        {
            known.Zombies = PidsDetail.ReadZombies(context, limiting);
            known.ZombiesTime = _now;
        }

        return With(constraint, known.Zombies!, known.Refused.Total);
    }

    private void Count(Known known, int most)
    {
        if (_left > 0)
        {
            _left -= known.Refused.Read(Math.Min(_left, most));
            known.Turn = ++_turn;
        }
    }

    private static ConstraintReport With(ConstraintReport constraint, PidsDetail zombies, ulong? refused) =>
        constraint with
        {
            Zombies = zombies.Zombies > 0 ? zombies.Zombies : null,
            ZombieParent =
                zombies.ParentPid > 0
                    ? new ZombieParentReport
                    {
                        Pid = zombies.ParentPid,
                        Command = BoundedText.Of(zombies.ParentCommand) ?? "",
                    }
                    : null,
            Refused = refused is { } count ? KernelConversion.Signed(count) : null,
        };

    private sealed class Known(RefusedForks refused)
    {
        internal RefusedForks Refused { get; } = refused;

        /// <summary>Place in the order of reads: the lowest is read first.</summary>
        internal long Turn { get; set; }

        internal DateTimeOffset AskedTime { get; set; }

        internal PidsDetail? Zombies { get; set; }

        internal DateTimeOffset ZombiesTime { get; set; }
    }
}
