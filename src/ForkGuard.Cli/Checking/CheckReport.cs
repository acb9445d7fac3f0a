using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Readings;

namespace ForkGuard.Cli.Checking;

/// <summary>Combines all readings of one process into a report.</summary>
internal static class CheckReport
{
    // Of a captured tree nothing but the files of the process is known.
    private static readonly string[] NotCaptured = [.. ForkChecks.All.Select(check => check.Type.ToString())];

    /// <param name="proc">Where the process was read.</param>
    /// <param name="accounting">Accounting of memory.</param>
    /// <param name="checks">Every other constraint; null for a captured tree.</param>
    /// <param name="distrust">Reason not to trust the numbers of the machine; null if there is none.</param>
    /// <param name="mappingKind">Recorded kind of the mapping; null to read it.</param>
    internal static ProcessReport Of(
        ProcRoot proc,
        in ProcessReading accounting,
        ForkCheckResult? checks,
        string? distrust,
        MappingKind? mappingKind = null
    )
    {
        var identity = new ProcessIdentity(accounting.Pid, KernelConversion.Signed(accounting.StartTime));
        var constraints = new List<ConstraintReport>();
        if (accounting.ToConstraint(distrust) is { } memory)
        {
            constraints.Add(
                mappingKind is { } kind && memory.Mapping is { } mapping
                    ? memory with
                    {
                        Mapping = mapping with { Kind = kind },
                    }
                    : new MappingKinds(proc).Complete(identity, memory)
            );
        }

        constraints.AddRange((checks?.Readings ?? []).Select(reading => ToReport(reading, checks!.Pids)));
        constraints.Sort(CompareWorstFirst);
        return new ProcessReport
        {
            MeasuredTime = accounting.MeasuredTime,
            Pid = accounting.Pid,
            StartTimeTicks = identity.StartTime,
            Command = accounting.Command ?? "",
            Verdict =
                checks?.Deadline == DeadlineThreads.All
                    ? Verdict.CannotFork
                    : VerdictOf(constraints, accounting.Assessment.Verdict),
            BindingConstraint = constraints.Find(constraint => constraint.Problem is null)?.Type,
            Constraints = constraints.Count == 0 ? null : constraints,
            NotChecked = checks is null ? NotCaptured : Names(checks.NotChecked),
        };
    }

    private static ConstraintReport ToReport(in ConstraintReading reading, PidsDetail? pids)
    {
        var report = reading.ToReport();
        return reading.Type != ConstraintType.Pids || pids is null
            ? report
            : report with
            {
                Zombies = pids.Zombies > 0 ? pids.Zombies : null,
                ZombieParent =
                    pids.ParentPid > 0
                        ? new ZombieParentReport { Pid = pids.ParentPid, Command = pids.ParentCommand }
                        : null,
                Refused = pids.Refused is { } refused ? KernelConversion.Signed(refused) : null,
            };
    }

    private static Verdict VerdictOf(IReadOnlyList<ConstraintReport> constraints, Verdict accounting) =>
        ConstraintVerdict.Of(constraints) is var verdict && verdict == Verdict.CanFork && accounting == Verdict.Unknown
            ? Verdict.Unknown
            : verdict;

    private static int CompareWorstFirst(ConstraintReport a, ConstraintReport b)
    {
        var byRefusal = (b.Refuses == true).CompareTo(a.Refuses == true);
        var byProblem = byRefusal != 0 ? byRefusal : (b.Problem is not null).CompareTo(a.Problem is not null);
        return byProblem != 0 ? byProblem : b.Percent.CompareTo(a.Percent);
    }

    private static string[]? Names(NotChecked notChecked) =>
        notChecked == NotChecked.None
            ? null
            :
            [
                .. Enum.GetValues<NotChecked>()
                    .Where(n => n != NotChecked.None && notChecked.HasFlag(n))
                    .Select(n => n.ToString()),
            ];
}
