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
    [InlineData(
        "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1234.slice/cri-containerd-ab.scope\n"
    )]
    [InlineData("0::/kubepods/besteffort/pod1234/ab\n")]
    [InlineData("0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod1.slice/cri-containerd-ab.scope\n")]
    [InlineData("1:name=systemd:/system.slice/x.service\n0::/../../kubepods/pod1/ab\n")]
    public void A_process_of_a_pod_has_no_unit(string text) =>
        Assert.Equal(
            new CgroupMembership(IsInPod: true, Unit: null),
            CgroupMembership.Parse(Encoding.UTF8.GetBytes(text))
        );
}
