using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Node.Readings;
using ForkGuard.Policy.Messages.Advice;

namespace ForkGuard.Cli.Checking;

/// <summary>Advice about every constraint of a process that refuses or is at the warning level.</summary>
internal static class CheckAdvice
{
    internal static IReadOnlyList<string> For(
        ProcessReport report,
        in ProcessReading accounting,
        in KernelState state,
        ProcRoot proc
    )
    {
        var facts = HostFacts.Of(state) with
        {
            IsMappingWritable = accounting.Mapping.Bytes == 0 ? null : accounting.Mapping.IsWritable,
            IsAddressSpaceNearlyUsed = AddressSpaceLimit.IsNearlyUsed(proc, report.Pid),
        };
        return
        [
            .. (report.Constraints ?? [])
                .Where(ForkAdvice.IsDue)
                .SelectMany(constraint => ForkAdvice.Sentences(report, constraint, MachinePlace.Here, facts))
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>Advice for the case that the process saves by forking, which one reading does not show.</summary>
    internal static string? ForSave(ProcessReport report, in SnapshotReading save, in KernelState state)
    {
        var constraint = save.ToConstraint().ToReport();
        return save.Cost.WorstCaseBytes < ProcessFacts.MinSavingBytes || constraint.Used <= constraint.Limit
            ? null
            : string.Join(' ', ForkAdvice.Sentences(report, constraint, MachinePlace.Here, HostFacts.Of(state)));
    }
}
