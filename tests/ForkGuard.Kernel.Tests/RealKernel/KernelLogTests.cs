using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.KernelLog;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>Refusals of this machine's kernel, in its own log.</summary>
[Trait("Needs", "Machine")]
public class KernelLogTests
{
    [Fact]
    public async Task Both_ways_name_a_program_whose_fork_was_refused()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var kmsg = KmsgLog.TryOpen(out var kmsgProblem);
        using var syslog = SyslogLog.TryOpen(out var syslogProblem);
        Assert.True(kmsg is not null && syslog is not null, $"{kmsgProblem} {syslogProblem}");
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() + 1,
            Victim.UniqueName(),
            cancellationToken: TestContext.Current.CancellationToken
        );

        var byDevice = new List<KernelRefusal>();
        var byCall = new List<KernelRefusal>();
        // The kernel logs ten refusals in five seconds and then none for a while, and other tests are refused as well.
        await Condition.HoldsAsync(
            async token =>
            {
                Assert.Equal(Errno.NoMemory, await victim.ForkAsync(token));
                Assert.Equal(ReadStatus.Ok, kmsg.Read(byDevice));
                Assert.Equal(ReadStatus.Ok, syslog.Read(byCall));
                return byDevice.Exists(IsOfVictim) && byCall.Exists(IsOfVictim);
            },
            "both logs name the victim",
            cancellationToken: TestContext.Current.CancellationToken
        );

        bool IsOfVictim(KernelRefusal refusal) => refusal.Kind == RefusalKind.Memory && refusal.Pid == victim.Pid;
    }
}
