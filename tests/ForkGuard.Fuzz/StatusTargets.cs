using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Fuzz;

/// <summary>Files of a process that the checks beside accounting read.</summary>
internal static class StatusTargets
{
    internal static void StatusAndLimits(byte[] bytes)
    {
        if (StatusFile.TryParse(bytes, out var status))
        {
            FuzzTargets.Require(status.Threads >= 0, "less than no threads");
            FuzzTargets.Require(status.PidNamespaces >= 0, "less than no pid namespaces");
            FuzzTargets.Require(
                !status.IsInitOfNestedNamespace || status.PidNamespaces > 1,
                "the init of a namespace that it is not in"
            );
        }

        if (ProcessMemory.Parse(bytes, out var memory) == ReadStatus.Ok)
        {
            var cost = ForkCost.Of(memory);
            FuzzTargets.Require(cost.Bytes <= cost.MaxBytes, "a cost above its bound");
            FuzzTargets.Require(cost.Bytes <= cost.WorstCaseBytes, "a fork that costs more than with every page");
            FuzzTargets.Require(cost.LikelyBytes <= cost.Bytes, "a lower estimate above the cost");
        }

        var isLimit = ProcessFactsReader.TryParseProcessLimit(bytes, out _);
        FuzzTargets.Require(!isLimit || bytes.AsSpan().IndexOf("Max processes "u8) >= 0, "a limit out of nothing");
    }
}
