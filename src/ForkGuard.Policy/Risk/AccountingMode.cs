using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Risk;

/// <summary>The overcommit mode in which the kernel applies an accounting constraint.</summary>
public static class AccountingMode
{
    /// <summary>vm.overcommit_memory: 0 for LargestMapping, 2 for CommitCharge; null for a constraint that holds in every mode.</summary>
    public static int? Of(ConstraintType type) => ConstraintTraits.Of(type).OvercommitMode;
}
