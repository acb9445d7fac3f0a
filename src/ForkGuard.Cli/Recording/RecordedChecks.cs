using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;

namespace ForkGuard.Cli.Recording;

/// <summary>Separates what the files of one process show from what only a live machine does.</summary>
internal static class RecordedChecks
{
    private static readonly HashSet<ConstraintType> OfOthers =
    [
        .. ForkChecks.All.Where(check => check.ReadsOtherProcesses).Select(check => check.Type),
    ];

    /// <summary>Readings that a replay takes from the record: files do not show an unreadable file either.</summary>
    internal static IReadOnlyList<ConstraintReading> ToRecord(IReadOnlyList<ConstraintReading> readings) =>
        [.. readings.Where(reading => OfOthers.Contains(reading.Type) || reading.Problem is not null)];

    /// <summary>Readings of the files, completed by the recorded facts.</summary>
    internal static ForkCheckResult Complete(ForkCheckResult fromFiles, RecordedFacts facts)
    {
        var recorded = facts.Readings.Select(reading => reading.Type).ToHashSet();
        return fromFiles with
        {
            Readings =
            [
                .. fromFiles
                    .Readings.Where(reading => !OfOthers.Contains(reading.Type) && !recorded.Contains(reading.Type))
                    .Concat(facts.Readings)
                    .OrderBy(reading => reading.Type),
            ],
            NotChecked = facts.NotChecked,
            Deadline = facts.Deadline,
            Pids = facts.Pids,
        };
    }
}
