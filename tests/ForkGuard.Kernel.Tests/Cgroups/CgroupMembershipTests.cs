using System.Text;
using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Kernel.Tests.Cgroups;

public sealed class CgroupMembershipTests
{
    [Theory]
    [InlineData("0::/system.slice/docker.service\n", "docker.service")]
    [InlineData("0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope\n", "app-x.scope")]
    [InlineData("12:pids:/system.slice/ssh.service\n1:name=systemd:/system.slice/ssh.service\n0::/\n", "ssh.service")]
    [InlineData("0::/system.slice/docker.service/nested\n", "docker.service")]
    [InlineData("0::/system.slice/kubepods-exporter.service\n", "kubepods-exporter.service")]
    [InlineData("0::/system.slice/my-kubepods/x.service\n", "x.service")]
    [InlineData("0::/\n", null)]
    [InlineData("", null)]
    [InlineData("garbage\n", null)]
    public void A_host_process_has_the_innermost_unit(string text, string? unit) =>
        Assert.Equal(new CgroupMembership(IsInPod: false, unit), CgroupMembership.Parse(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("0::/kubepods.slice/kubepods-burstable.slice\n")]
    [InlineData("0::/kubepods/besteffort\n")]
    [InlineData("4:memory:/kubepods\n1:name=systemd:/system.slice/x.service\n0::/\n")]
    [InlineData("0::/kubepods/burstable/pod../x\n")]
    public void A_process_of_pods_has_no_unit_though_no_pod_is_named(string text) =>
        Assert.Equal(new CgroupMembership(IsInPod: true, Unit: null), Parse(text));

    [Fact]
    public void A_uid_has_no_more_than_64_characters() =>
        Assert.Null(Parse($"0::/kubepods/pod{new string('a', 65)}/x\n").Pod);

    private static CgroupMembership Parse(string text) => CgroupMembership.Parse(Encoding.UTF8.GetBytes(text));
}
