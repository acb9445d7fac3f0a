using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using static ForkGuard.Node.Readings.KernelConversion;

namespace ForkGuard.Node.Readings;

/// <summary>A record of one process by its accounting alone, without growth and names.</summary>
internal static class PlainReport
{
    internal static ProcessReport Of(in ProcessReading reading, ProcessOwner owner, string? distrust = null)
    {
        var constraint = reading.ToConstraint(distrust);
        return new ProcessReport
        {
            MeasuredTime = reading.MeasuredTime,
            Pid = reading.Pid,
            StartTimeTicks = Signed(reading.StartTime),
            Command = reading.Command,
            SystemdUnit = BoundedText.Of(owner.Membership.Unit),
            Verdict = VerdictOf(reading),
            BindingConstraint = constraint?.Type,
            Constraints = constraint is null ? null : [constraint],
        };
    }

    private static Verdict VerdictOf(in ProcessReading reading) =>
        reading.Status switch
        {
            ReadStatus.Gone => Verdict.Unknown,
            ReadStatus.NoAddressSpace => Verdict.NotApplicable,
            _ => reading.Assessment.Verdict switch
            {
                Verdict.CannotFork => Verdict.CannotFork,
                Verdict.Unknown => Verdict.Unknown,
                // Mode 1: accounting refuses no fork.
                _ => Verdict.CanFork,
            },
        };
}
