using Xunit;

namespace ForkGuard.Testing;

/// <summary>What a test asks of the machine it runs on.</summary>
public static class Machine
{
    private static readonly Version TotalMemoryRule = new(5, 2);

    /// <summary>Mode 0 as it has been since 5.2: a limit that does not depend on the moment.</summary>
    public static bool HasFixedLimit => RunningKernel.OvercommitMode == 0 && RunningKernel.Version >= TotalMemoryRule;

    public static void MustHoldTheLargestMappingAgainstTheTotal() =>
        Assert.True(HasFixedLimit, "needs vm.overcommit_memory=0 and a kernel from 5.2 on");

    public static void MustLetTheTestsBecomeNobody() =>
        Assert.True(Environment.IsPrivilegedProcess, "needs root, to have processes of two users");
}
