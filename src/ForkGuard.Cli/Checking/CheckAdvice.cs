using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Policy.Messages;
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
                .SelectMany(constraint => ForkAdvice.Sentences(report, constraint, Place.Host, facts))
                .Distinct(StringComparer.Ordinal),
        ];
    }
}
