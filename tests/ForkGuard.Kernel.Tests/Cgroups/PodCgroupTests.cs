using System.Text;
using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Kernel.Tests.Cgroups;

/// <summary>Cgroup files as every driver, runtime and version of cgroups writes them.</summary>
public sealed class PodCgroupTests
{
    private const string Uid = "8dbc5577-d0e2-4706-8787-57d52c03ddf2";
    private const string Slice = "8dbc5577_d0e2_4706_8787_57d52c03ddf2";
    private const string Static = "9d0d3ddcd4ff5ab3ad4b9d1a5dcbaa2e";
    private const string Id = "42ef33f2fbe2f8aae96cbc13dd9e9bd22ab9b47e7c63c2c4d0e9cbb6e1c35ed1";
    private const string Other = "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff0";

    /// <summary>Name, content, uid, container id.</summary>
    public static TheoryData<string, string, string, string?> Files =>
        new()
        {
            {
                "containerd, systemd, v2",
                $"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Slice}.slice/cri-containerd-{Id}.scope\n",
                Uid,
                Id
            },
            {
                "containerd, systemd, v2, guaranteed",
                $"0::/kubepods.slice/kubepods-pod{Slice}.slice/cri-containerd-{Id}.scope\n",
                Uid,
                Id
            },
            { "containerd, cgroupfs, v2", $"0::/kubepods/besteffort/pod{Uid}/{Id}\n", Uid, Id },
            { "containerd, cgroupfs, v2, guaranteed", $"0::/kubepods/pod{Uid}/{Id}\n", Uid, Id },
            {
                "containerd, cgroupfs, v1",
                $"12:pids:/kubepods/burstable/pod{Uid}/{Id}\n11:cpu,cpuacct:/kubepods/burstable/pod{Uid}/{Id}\n1:name=systemd:/kubepods/burstable/pod{Uid}/{Id}\n",
                Uid,
                Id
            },
            {
                "containerd, systemd, v1",
                $"11:memory:/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{Slice}.slice/cri-containerd-{Id}.scope\n1:name=systemd:/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{Slice}.slice/cri-containerd-{Id}.scope\n0::/\n",
                Uid,
                Id
            },
            {
                "containerd without SystemdCgroup below a kubelet with it",
                $"0::/system.slice/containerd.service/kubepods-burstable-pod{Slice}.slice:cri-containerd:{Id}\n",
                Uid,
                Id
            },
            {
                "CRI-O, systemd, v2",
                $"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Slice}.slice/crio-{Id}.scope\n",
                Uid,
                Id
            },
            {
                "CRI-O with crun, which makes one cgroup more",
                $"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Slice}.slice/crio-{Id}.scope/container\n",
                Uid,
                Id
            },
            { "CRI-O, cgroupfs, v1", $"8:pids:/kubepods/burstable/pod{Uid}/crio-{Id}\n", Uid, Id },
            {
                "CRI-O's monitor, which is in no container",
                $"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Slice}.slice/crio-conmon-{Id}.scope\n",
                Uid,
                null
            },
            {
                "Docker, systemd, v2",
                $"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Slice}.slice/docker-{Id}.scope\n",
                Uid,
                Id
            },
            { "Docker, cgroupfs, v1", $"4:memory:/kubepods/burstable/pod{Uid}/{Id}\n", Uid, Id },
            {
                "kind, systemd",
                $"0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod{Slice}.slice/cri-containerd-{Id}.scope\n",
                Uid,
                Id
            },
            { "kind, cgroupfs", $"0::/kubelet/kubepods/burstable/pod{Uid}/{Id}\n", Uid, Id },
            {
                "kind as its host sees it, Docker with cgroupfs, v1",
                $"9:memory:/docker/{Other}/kubelet/kubepods/burstable/pod{Uid}/{Id}\n",
                Uid,
                Id
            },
            {
                "kind as its host sees it, Docker with systemd, v2",
                $"0::/system.slice/docker-{Other}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod{Slice}.slice/cri-containerd-{Id}.scope\n",
                Uid,
                Id
            },
            {
                "seen from a cgroup namespace, systemd",
                $"0::/../../kubepods-besteffort-pod{Slice}.slice/cri-containerd-{Id}.scope\n",
                Uid,
                Id
            },
            {
                "seen from a cgroup namespace, systemd, another class",
                $"0::/../../../kubepods-burstable.slice/kubepods-burstable-pod{Slice}.slice/cri-containerd-{Id}.scope\n",
                Uid,
                Id
            },
            { "seen from a cgroup namespace, cgroupfs", $"0::/../../pod{Uid}/{Id}\n", Uid, Id },
            {
                "seen from a cgroup namespace, cgroupfs, another class",
                $"0::/../../../burstable/pod{Uid}/{Id}\n",
                Uid,
                Id
            },
            { "static pod, cgroupfs", $"0::/kubepods/burstable/pod{Static}/{Id}\n", Static, Id },
            {
                "static pod, systemd",
                $"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Static}.slice/cri-containerd-{Id}.scope\n",
                Static,
                Id
            },
            { "static pod seen from a cgroup namespace", $"0::/../../../burstable/pod{Static}/{Id}\n", Static, Id },
            {
                "systemd inside of the container",
                $"0::/kubepods/besteffort/pod{Uid}/{Id}/system.slice/nginx.service\n",
                Uid,
                Id
            },
            { "a process right below the pod", $"0::/kubepods/besteffort/pod{Uid}\n", Uid, null },
            { "a container without a name that is an id", $"0::/kubepods/pod{Uid}/build\n", Uid, null },
            {
                "hybrid, where v2 says nothing",
                $"3:cpuset:/kubepods/pod{Uid}/{Id}\n0::/system.slice/containerd.service\n",
                Uid,
                Id
            },
        };

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_driver_and_runtime_names_pod_and_container(string what, string file, string uid, string? id)
    {
        Assert.NotEmpty(what);
        Assert.Equal(
            new CgroupMembership(IsInPod: true, Unit: null, new PodCgroup(uid, id)),
            CgroupMembership.Parse(Encoding.UTF8.GetBytes(file))
        );
    }

    /// <summary>What a container makes below its own cgroup can only be the inner one.</summary>
    [Fact]
    public void The_outer_pod_comes_first_and_the_inner_one_is_told_too()
    {
        const string outer = "11111111-2222-3333-4444-555555555555";
        var file = $"0::/kubepods/burstable/pod{outer}/{Other}/kubelet/kubepods/burstable/pod{Uid}/{Id}\n";
        Assert.Equal(
            new CgroupMembership(IsInPod: true, Unit: null, new PodCgroup(outer, Other), new PodCgroup(Uid, Id)),
            CgroupMembership.Parse(Encoding.UTF8.GetBytes(file))
        );
    }

    [Theory]
    [InlineData("0::/../../../system.slice/docker.service\n", "docker.service")]
    [InlineData("0::/../../podman.service\n", "podman.service")]
    [InlineData("0::/system.slice/pod8dbc5577-d0e2-4706-8787-57d52c03ddf2.service\n", null)]
    [InlineData("0::/docker/pod8dbc5577-d0e2-4706-8787-57d52c03ddf2\n", null)]
    [InlineData(
        "0::/user.slice/user-1000.slice/user@1000.service/kubepods-pod8dbc5577_d0e2_4706_8787_57d52c03ddf2.slice\n",
        "user@1000.service"
    )]
    [InlineData("0::/../../pods/x.scope\n", "x.scope")]
    public void Others_are_of_the_host(string file, string? unit)
    {
        var membership = CgroupMembership.Parse(Encoding.UTF8.GetBytes(file));
        Assert.False(membership.IsInPod);
        Assert.Null(membership.Pod);
        Assert.Equal(unit ?? membership.Unit, membership.Unit);
    }
}
