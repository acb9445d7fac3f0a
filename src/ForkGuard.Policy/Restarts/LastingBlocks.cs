using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Restarts;

/// <summary>Reasons against a restart that do not alternate with the scans that had no budget to measure again.</summary>
public static class LastingBlocks
{
    /// <summary>
    /// Returns the blocks without <see cref="BlockReason.NotRemeasured"/>. Where that is the only one, it shows nothing about the reasons
    /// before: those stand, and it counts only if there were none.
    /// </summary>
    /// <param name="blocks">Blocks of this decision, the most important first; empty if nothing blocks.</param>
    /// <param name="before">Blocks of the last decision on the same target; null without one.</param>
    public static IReadOnlyList<RestartBlock> Of(
        IReadOnlyList<RestartBlock> blocks,
        IReadOnlyList<RestartBlock>? before
    )
    {
        ArgumentNullException.ThrowIfNull(blocks);
        List<RestartBlock> lasting = [.. blocks.Where(block => block.Reason != BlockReason.NotRemeasured)];
        return lasting.Count == 0 && blocks.Count > 0 ? before ?? blocks : lasting;
    }
}
