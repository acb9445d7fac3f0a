namespace ForkGuard.Policy.Messages;

/// <summary>Facts beside the report that decide what advice fits; a member that is null is not known.</summary>
public sealed record AdviceFacts
{
    /// <summary>vm.overcommit_memory of the node: 0 heuristic, 1 always, 2 strict.</summary>
    public required int OvercommitMode { get; init; }

    /// <summary>The node has swap.</summary>
    public bool? HasSwap { get; init; }

    /// <summary>The address space of the process is close to RLIMIT_AS, so that posix_spawn is refused as well.</summary>
    public bool? IsAddressSpaceNearlyUsed { get; init; }

    /// <summary>The mapping of the constraint is writable now.</summary>
    public bool? IsMappingWritable { get; init; }

    /// <summary>CommitLimit less the swap in force, in bytes (mode 2).</summary>
    public long? CommitLimitWithoutSwapBytes { get; init; }
}
