using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Node.Readings;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Node.Scanning;

/// <summary>
/// Zombies and refused forks of the cgroups that are reported for their tasks. A look reads the stat of every process, so that
/// only hot cgroups have one in every scan, and the others once a minute. Not for several threads at once.
/// </summary>
internal sealed class PidsDetails(ScanContext context)
{
    private const int MaxReads = 8;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (PidsDetail Detail, DateTimeOffset Time)> _known = new(StringComparer.Ordinal);
    private DateTimeOffset _now;
    private int _reads;

    /// <summary>Starts a scan.</summary>
    internal void Begin(DateTimeOffset now)
    {
        _now = now;
        _reads = 0;
        foreach (var (scope, known) in _known)
        {
            if (now - known.Time > 10 * Interval || now < known.Time)
            {
                _known.Remove(scope);
            }
        }
    }

    internal ConstraintReport Complete(ProcessFacts facts, ConstraintReport constraint, ReportSettings settings)
    {
        if (constraint.Type != ConstraintType.Pids || constraint.Problem is not null)
        {
            return constraint;
        }

        var scope = constraint.ScopeName ?? "";
        var isKnown = _known.TryGetValue(scope, out var known);
        var isDue = !isKnown || settings.RankOf(constraint).Urgency > Urgency.Low || _now - known.Time >= Interval;
        if (isDue && known.Time != _now && _reads < MaxReads && Read(facts, constraint) is { } detail)
        {
            known = (detail, _now);
            _known[scope] = known;
            isKnown = true;
            _reads++;
        }

        return isKnown ? With(constraint, known.Detail) : constraint;
    }

    private PidsDetail? Read(ProcessFacts facts, ConstraintReport constraint) =>
        PidsDetail.Read(
            context,
            facts,
            new ConstraintReading
            {
                Type = ConstraintType.Pids,
                Unit = ConstraintUnit.Tasks,
                Scope = ConstraintScope.Cgroup,
                ScopeName = constraint.ScopeName ?? "",
            }
        );

    private static ConstraintReport With(ConstraintReport constraint, PidsDetail detail) =>
        constraint with
        {
            Zombies = detail.Zombies > 0 ? detail.Zombies : null,
            ZombieParent =
                detail.ParentPid > 0
                    ? new ZombieParentReport
                    {
                        Pid = detail.ParentPid,
                        Command = BoundedText.Of(detail.ParentCommand) ?? "",
                    }
                    : null,
            Refused = detail.Refused is { } refused ? KernelConversion.Signed(refused) : null,
        };
}
