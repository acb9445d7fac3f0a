using ForkGuard.Api;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Readings;

namespace ForkGuard.Node.Scanning;

/// <summary>Completes the entries that are reported with names and details, which cost reads of their own. Not for several threads at once.</summary>
internal sealed class EntryDetails(ProcRoot proc, PodNames? names, ConstraintPass? constraints)
{
    private readonly MappingKinds _kinds = new(proc);
    private readonly PidsDetails? _pids = constraints is null ? null : new PidsDetails(constraints.Context);

    internal void Begin(DateTimeOffset now) => _pids?.Begin(now);

    internal void Restore(ConstraintReport earlier) => _pids?.Restore(earlier);

    internal void LearnNames(IEnumerable<GroupEntry> entries, DateTimeOffset now) =>
        names?.Learn([.. entries.Select(entry => entry.Worst.Owner.Membership)], now);

    internal ScannedProcess Complete(GroupEntry entry, ReportSettings settings, DateTimeOffset now)
    {
        var worst = entry.Worst;
        var membership = worst.Owner.Membership;
        var place = names?.Of(membership);
        var report = new ProcessReport
        {
            // Only accounting answers are kept from one scan to the next.
            MeasuredTime = worst.Accounting?.MeasuredTime ?? now,
            Pid = worst.Identity.Pid,
            StartTimeTicks = worst.Identity.StartTime,
            Command = worst.Owner.Command,
            Pod = place?.Pod,
            Container = place?.Container,
            SystemdUnit = BoundedText.Of(membership.Unit),
            ProcessCount = entry.Count > 1 ? entry.Count : null,
            Verdict = entry.Verdict,
            BindingConstraint = entry.Binding?.Type,
            Constraints = [.. entry.Constraints.Select(c => Complete(worst, c, settings))],
            OmittedBelowPercent = Math.Max(settings.LevelPercent, entry.OmittedPercent + 1),
            NotChecked = NotCheckedOf(worst),
            Snapshot = worst.Snapshot is { } snapshot ? snapshot.ToReport() : null,
        };
        return new ScannedProcess(worst.Group, membership, report);
    }

    private ConstraintReport Complete(Candidate worst, ConstraintReport constraint, ReportSettings settings)
    {
        var withKind = _kinds.Complete(worst.Identity, constraint);
        return worst.Facts is { } facts && _pids is not null ? _pids.Complete(facts, withKind, settings) : withKind;
    }

    private List<string>? NotCheckedOf(Candidate worst)
    {
        if (worst.Facts is not { } facts || constraints is null)
        {
            return null;
        }

        var found = ForkChecks.ReadNotChecked(constraints.Context, facts);
        return found == NotChecked.None
            ? null
            :
            [
                .. Enum.GetValues<NotChecked>()
                    .Where(one => one != NotChecked.None && found.HasFlag(one))
                    .Select(one => one.ToString()),
            ];
    }
}
