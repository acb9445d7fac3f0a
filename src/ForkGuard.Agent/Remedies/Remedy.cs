using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Agent.Remedies;

/// <summary>What to do about a process that cannot fork, the least intrusive first.</summary>
internal static class Remedy
{
    /// <summary>One sentence each; empty for a process that can fork.</summary>
    internal static IReadOnlyList<string> For(in ProcessReading reading, in KernelState state)
    {
        var assessment = reading.Assessment;
        if (assessment.Verdict is not ForkVerdict.CannotFork)
        {
            return [];
        }

        var remedies = new List<string>
        {
            "If it only forks to run programs: posix_spawn or vfork copy no memory and are never refused.",
        };
        AddMappingRemedies(remedies, reading);
        if (assessment.Constraint == ForkConstraint.CommitCharge)
        {
            AddStrictRemedies(remedies, assessment, state);
        }
        else
        {
            AddHeuristicRemedies(remedies, assessment, state);
        }

        remedies.Add("A restart gives the memory back and lets it fork again, until it has grown as large once more.");
        return remedies;
    }

    private static void AddMappingRemedies(List<string> remedies, in ProcessReading reading)
    {
        if (reading.Mapping.Bytes == 0)
        {
            return;
        }

        var size = SizeText.Bytes(reading.Mapping.Bytes);
        if (!reading.Mapping.IsWritable)
        {
            remedies.Add(
                $"The {size} are read-only now but were writable once, and stay charged until they are unmapped: "
                    + "munmap them, or map them anew read-only."
            );
        }

        remedies.Add(
            $"If the child does not need these {size}: madvise(MADV_DONTFORK) on the mapping before the fork."
        );
        if (reading.Assessment.Constraint == ForkConstraint.LargestMapping && reading.Mapping.Name is not "[heap]")
        {
            remedies.Add(
                "If it is a reservation that is mostly empty: map it with MAP_NORESERVE, which is not charged in this mode."
            );
        }
    }

    private static void AddHeuristicRemedies(List<string> remedies, in Assessment assessment, in KernelState state)
    {
        var missing = SizeText.Bytes(RoundUpToMebibytes(assessment.Used - assessment.Limit));
        remedies.Add(
            state.Release.HasTotalMemoryRule
                ? $"Add at least {missing} of swap: the limit is RAM plus swap, and the swap need not be used."
                : $"Free at least {missing} of memory, or add as much swap: the limit is what looks free."
        );
        remedies.Add(
            "sysctl vm.overcommit_memory=1: the kernel then refuses no fork, and the OOM killer decides if memory runs out."
        );
    }

    private static void AddStrictRemedies(List<string> remedies, in Assessment assessment, in KernelState state)
    {
        var missing = RoundUpToMebibytes(assessment.Used - assessment.Limit + state.CommitError);
        var size = SizeText.Bytes(missing);
        var kilobytes = (state.CommitLimit - Math.Min(state.SwapInForce, state.CommitLimit) + missing) / 1024;
        remedies.Add($"Add {size} of swap: it raises CommitLimit by as much.");
        remedies.Add(
            $"sysctl vm.overcommit_kbytes={kilobytes} (or a higher vm.overcommit_ratio) raises CommitLimit by the {size} that are missing."
        );
        remedies.Add("sysctl vm.overcommit_memory=0 holds only the largest mapping against RAM plus swap.");
    }

    private static ulong RoundUpToMebibytes(ulong bytes) => (bytes + (1UL << 20) - 1) >> 20 << 20;
}
