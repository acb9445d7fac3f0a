using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Readings;

namespace ForkGuard.Cli.Checking;

/// <summary>Combines all readings of one process into a report.</summary>
internal static class CheckReport
{
    // Of a captured tree nothing but the files of the process is known.
    private static readonly string[] NotCaptured =
    [
        nameof(ConstraintType.Pids),
        nameof(ConstraintType.Threads),
        nameof(ConstraintType.PidSpace),
        nameof(ConstraintType.UserProcesses),
        nameof(ConstraintType.PidNamespace),
        nameof(ConstraintType.ContainerMemory),
    ];

    internal static ProcessReport Of(ProcRoot proc, in ProcessReading accounting, ForkCheckResult? checks)
    {
        var constraints = new List<ConstraintReport>();
        if (accounting.ToConstraint() is { } memory)
        {
            constraints.Add(memory);
        }

        constraints.AddRange((checks?.Readings ?? []).Select(reading => reading.ToReport(checks!.Pids)));
        return ReportConversion.ToReport(accounting, CgroupMembership.Read(proc, accounting.Pid).Unit, constraints) with
        {
            NotChecked = checks is null ? NotCaptured : Names(checks.NotChecked),
        };
    }

    private static string[]? Names(NotChecked notChecked) =>
        notChecked == NotChecked.None
            ? null
            : [.. Enum.GetValues<NotChecked>().Where(n => n != NotChecked.None && notChecked.HasFlag(n)).Select(n => n.ToString())];
}
