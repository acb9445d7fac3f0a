using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Cli.Checking;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Messages.Advice;

namespace ForkGuard.Cli.Ranking;

/// <summary>Remedies for the worst rows of the list, as an Event about them has them.</summary>
internal static class TopAdvice
{
    private const int MaxProcesses = 3;

    /// <summary>One sentence for each of the first processes for which advice is due.</summary>
    internal static IEnumerable<string> Lines(IEnumerable<ProcessReport> shown, KernelState state) =>
        from process in shown.Where(process => process.Binding() is { } b && ForkAdvice.IsDue(b)).Take(MaxProcesses)
        let advice = ForkAdvice.Clause(process, process.Binding()!, MachinePlace.Here, HostFacts.Of(state))
        let pid = process.Pid.ToString(CultureInfo.InvariantCulture)
        select $"{PrintableText.Escape(process.Command)} ({pid}): {advice}; details: {EventNote.Command(process, MachinePlace.Here)}";
}
