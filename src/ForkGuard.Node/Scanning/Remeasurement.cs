using ForkGuard.Api;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Readings;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Node.Scanning;

/// <summary>
/// Measures again what a decision may rest on: above the threshold by a kept answer, or on its way to the limit by an upper
/// bound.
/// </summary>
/// <param name="measure">
/// Reads a process past every kept answer: by its pid, exact from a percentage of the limit on. Null if the budget is used up.
/// </param>
/// <param name="growth">Growth of this rule.</param>
/// <param name="moment">As of the scan.</param>
internal sealed class Remeasurement(Func<int, int, ProcessReading?> measure, GrowthTracker growth, ScanMoment moment)
{
    private const int MaxMeasurements = 128;

    /// <summary>Processes that were measured so far.</summary>
    internal int Count { get; private set; }

    /// <summary>
    /// Brings the worst process of a group to its front. Removes those that have ended or are below the report level after all.
    /// </summary>
    internal void Settle(List<Candidate> group)
    {
        while (Count < MaxMeasurements && FindDue(group) is { } candidate && Measure(candidate) is { } reading)
        {
            Count++;
            if (!Take(candidate, reading))
            {
                group.Remove(candidate);
            }

            group.Sort((a, b) => CandidateList.CompareWorstFirst(a, b, moment.Settings));
        }
    }

    /// <summary>A process that the report may show for its accounting: the worst one, or the highest one behind it.</summary>
    private Candidate? FindDue(List<Candidate> group)
    {
        Candidate?[] shown = [group.FirstOrDefault(), group.MaxBy(RankOf), group.MaxBy(c => Find(c)?.Percent ?? 0)];
        return shown.OfType<Candidate>().FirstOrDefault(IsDue);
    }

    private (Urgency Urgency, int Percent) RankOf(Candidate candidate) =>
        Find(candidate) is { } constraint ? moment.Settings.RankOf(constraint) : default;

    private bool IsDue(Candidate candidate)
    {
        if (candidate.Accounting is not { Status: ReadStatus.Ok } accounting || Find(candidate) is not { } constraint)
        {
            return false;
        }

        return accounting.Assessment.IsBound
            ? RiskRank.IsForecast(constraint, moment.Settings.Forecast)
            : accounting.IsKept && constraint.Percent >= moment.Settings.WarningPercent;
    }

    private ProcessReading? Measure(Candidate candidate) =>
        measure(
            candidate.Identity.Pid,
            candidate.Accounting is { Assessment.IsBound: false } ? moment.Settings.LevelPercent : 0
        );

    /// <summary>False if nothing of the process is left to report.</summary>
    private bool Take(Candidate candidate, in ProcessReading reading)
    {
        var old = Find(candidate)!;
        var isSame = KernelConversion.Signed(reading.StartTime) == candidate.Identity.StartTime;
        if (!isSame || reading.Status is ReadStatus.Gone or ReadStatus.NoAddressSpace)
        {
            return false;
        }

        candidate.Constraints.Remove(old);
        candidate.Accounting = null;
        if (
            reading.ToConstraint(moment.State.Distrust) is { } constraint
            && constraint.Percent >= moment.Settings.LevelPercent
        )
        {
            candidate.Accounting = reading;
            candidate.Constraints.Add(growth.Complete(candidate.Identity, constraint, candidate.Age));
        }

        candidate.Sort(moment.Settings);
        return candidate.Constraints.Exists(moment.Settings.IsAtLevel);
    }

    private static ConstraintReport? Find(Candidate candidate) =>
        candidate.Constraints.Find(AccountingConversion.IsAccounting);
}
