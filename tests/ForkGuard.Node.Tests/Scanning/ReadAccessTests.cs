using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Node.Tests.Scanning;

public sealed class ReadAccessTests
{
    private static readonly OwnConfinement Able = new(Pid: 4711, IsRoot: true, MayTrace: true, SecurityContext: null);

    [Fact]
    public void Nothing_denied_is_no_degradation() => Assert.Null(Evaluate(Able, denied: 0));

    [Theory]
    [InlineData(false, null, "Capability", "CAP_SYS_PTRACE")]
    [InlineData(false, "cri-containerd.apparmor.d (enforce)", "Capability", "CAP_SYS_PTRACE")]
    [InlineData(true, "cri-containerd.apparmor.d (enforce)", "AppArmor", "cri-containerd.apparmor.d")]
    [InlineData(true, "docker-default (enforce)", "AppArmor", "Unconfined")]
    [InlineData(true, "system_u:system_r:container_t:s0:c12,c34", "SELinux", "spc_t")]
    [InlineData(true, "system_u:system_r:spc_t:s0", "Denied", "no profile")]
    [InlineData(true, "unconfined", "Denied", "no profile")]
    [InlineData(true, "unconfined_u:unconfined_r:unconfined_t:s0", "Denied", "no profile")]
    [InlineData(true, null, "Denied", "no profile")]
    public void A_denial_names_its_likely_cause(bool mayTrace, string? context, string reason, string said)
    {
        var degradation = Evaluate(Able with { MayTrace = mayTrace, SecurityContext = context }, denied: 3);
        Assert.Equal(reason, degradation!.Reason);
        Assert.Contains(said, degradation.Message, StringComparison.Ordinal);
        Assert.Contains("3 that matter", degradation.Message, StringComparison.Ordinal);
    }

    /// <summary>Before a process comes to matter.</summary>
    [Fact]
    public void Without_the_capability_it_is_degraded_from_the_start() =>
        Assert.Equal(
            "Capability",
            new ReadAccess(new ProcRoot(), Able with { MayTrace = false }).Evaluate(Scans.Of())!.Reason
        );

    [Fact]
    public void A_captured_tree_asks_for_no_capability() =>
        Assert.Null(Evaluate(Able with { MayTrace = false }, denied: 0));

    [Fact]
    public void A_context_cannot_steer_a_terminal()
    {
        var degradation = Evaluate(Able with { SecurityContext = "a\u001b[31mb" }, denied: 1);
        Assert.DoesNotContain('\u001b', degradation!.Message);
    }

    [Fact]
    public void Without_the_host_s_processes_it_is_degraded() =>
        Assert.Equal("NoHostPid", Evaluate(Able with { Pid = 1 }, denied: 0)!.Reason);

    [Fact]
    public void A_kernel_without_flags_is_told() =>
        Assert.Equal(
            "NoVmFlags",
            new ReadAccess(new ProcRoot("/nowhere"), Able).Evaluate(Scans.Of() with { Unsupported = 1 })!.Reason
        );

    /// <summary>The probe of pid 1 would be denied to whoever runs the tests without root.</summary>
    private static Degradation? Evaluate(OwnConfinement self, int denied)
    {
        var folder = Directory.CreateTempSubdirectory("forkguard-proc-");
        try
        {
            var proc = self.Pid == 1 ? new ProcRoot() : new ProcRoot(folder.FullName);
            return new ReadAccess(proc, self).Evaluate(Scans.Of() with { Denied = denied });
        }
        finally
        {
            folder.Delete();
        }
    }
}
