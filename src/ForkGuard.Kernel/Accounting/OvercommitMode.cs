namespace ForkGuard.Kernel.Accounting;

/// <summary>vm.overcommit_memory (Documentation/mm/overcommit-accounting.rst).</summary>
public enum OvercommitMode
{
    /// <summary>The kernel's default: an obvious overcommit is refused.</summary>
    Heuristic = 0,

    /// <summary>Nothing is refused. The kubelet sets this when it starts.</summary>
    Always = 1,

    /// <summary>The sum of all charges is held against CommitLimit.</summary>
    Strict = 2,
}
