using System.Globalization;
using System.Text;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Kernel.Tests.Cgroups;

public sealed class CgroupRootTests : IDisposable
{
    private const string Uid = "8dbc5577-d0e2-4706-8787-57d52c03ddf2";
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly CgroupFile Max = new("pids.max");

    private readonly CapturedCgroups _captured = new();
    private CgroupRoot? _root;

    [Fact]
    public void Finds_a_process_and_its_ancestors_in_the_unified_hierarchy()
    {
        _captured.AddUnified("/");
        _captured.Write("a.slice/b.service/pids.max", "17\n");
        _captured.Write("a.slice/pids.max", "max\n");

        var leaf = Locate("0::/a.slice/b.service\n").Cgroup!;

        Assert.Equal("/a.slice/b.service", leaf.Path);
        Assert.Equal(17UL, leaf.Number(Max).Value);
        Assert.Equal("/a.slice", leaf.Parent!.Path);
        Assert.False(leaf.Parent.Number(Max).IsLimit);
        Assert.Equal("/", leaf.Parent.Parent!.Path);
        Assert.Null(leaf.Parent.Parent.Parent);
        Assert.Equal(CgroupReadStatus.Absent, leaf.Parent.Parent.Number(Max).Status);
    }

    /// <summary>A container with a pid namespace of its own that has the host's /proc and cgroup namespace.</summary>
    [Fact]
    public void A_process_with_another_pid_in_that_proc_reads_its_own_cgroup_there()
    {
        _captured.Write("cgroup.controllers", "pids\n");
        _captured.Write(
            "pod/own/cgroup.procs",
            string.Create(CultureInfo.InvariantCulture, $"0\n{Environment.ProcessId}\n")
        );
        _captured.WriteProc(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}/cgroup"), "0::/\n");
        _captured.WriteProc("self/cgroup", "0::/pod/own\n");
        _captured.Write("system.slice/pids.max", "17\n");
        using var root = new CgroupRoot(_captured.Proc, _captured.Root);

        var cgroup = root.Locate("0::/system.slice\n"u8, CgroupController.Pids).Cgroup!;

        Assert.Equal(17UL, cgroup.Number(Max).Value);
    }

    [Fact]
    public void Takes_the_v1_hierarchy_of_the_controller_on_a_hybrid_host()
    {
        _captured.Write("unified/cgroup.controllers", "\n");
        _captured.Write("unified/cgroup.procs", "42\n");
        _captured.Write("cpu,pids/cgroup.procs", "42\n");
        _captured.Write("cpu,pids/x/pids.max", "5\n");
        _captured.WriteProc("42/cgroup", "3:cpu,pids:/\n0::/\n");

        Assert.Equal(5UL, Locate("3:cpu,pids:/x\n0::/\n").Cgroup!.Number(Max).Value);
    }

    [Fact]
    public void Finds_a_hierarchy_with_an_unusual_mount_point_by_mountinfo()
    {
        _captured.Write("odd place/cgroup.procs", "42\n");
        _captured.Write("odd place/x/pids.max", "5\n");
        _captured.WriteProc("42/cgroup", "3:pids:/\n");
        _captured.WriteProc(
            "self/mountinfo",
            $"30 1 0:1 / /other rw - cgroup cgroup rw,pids\n31 1 0:2 / {_captured.Root}/odd\\040place rw shared:3 - cgroup cgroup rw,pids\n"
        );

        Assert.Equal(5UL, Locate("3:pids:/x\n").Cgroup!.Number(Max).Value);
    }

    [Fact]
    public void Reports_a_controller_whose_hierarchy_is_not_mounted()
    {
        _captured.AddUnified("/");

        var place = Locate("3:pids:/x\n0::/\n");

        Assert.Null(place.Cgroup);
        Assert.Contains("not mounted", place.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_no_limit_where_no_hierarchy_is_in_use()
    {
        Assert.Equal(default, Locate("1:name=systemd:/x\n"));
    }

    [Theory]
    [InlineData("/", "/../../podB/id2", "/kubepods/podB/id2")]
    [InlineData("/", "/../id3/nested", "/kubepods/podA/id3/nested")]
    [InlineData("/", "/", "/kubepods/podA/id1")]
    [InlineData("/", "/init", "/kubepods/podA/id1/init")]
    [InlineData("/", "/../../../system.slice/x.service", "/system.slice/x.service")]
    [InlineData("/", "/../../..", "/")]
    [InlineData("/inner", "/../../podB/id2", "/kubepods/podB/id2")]
    public void Resolves_paths_of_a_private_cgroup_namespace(string ownPath, string path, string expected)
    {
        _captured.AddUnified("/kubepods/podA/id1" + ownPath, shownAs: ownPath);
        _captured.Write("kubepods/podA/id0/cgroup.procs", "1\n421\n");

        Assert.Equal(expected, Locate($"0::{path}\n").Cgroup?.Path);
    }

    [Fact]
    public void Places_nothing_outside_of_the_mount()
    {
        _captured.AddUnified("/a", shownAs: "/");

        Assert.NotNull(Locate("0::/../../b\n").Problem);
        Assert.NotNull(Locate("0::/b/../../../c\n").Problem);
    }

    [Fact]
    public void Places_nothing_when_no_folder_contains_the_reader()
    {
        _captured.AddUnified("/a", shownAs: "/other");

        Assert.Contains("42", Locate("0::/b\n").Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"/kubepods.slice/kubepods-pod8dbc5577_d0e2_4706_8787_57d52c03ddf2.slice", ConstraintScope.Pod)]
    [InlineData(
        $"/kubepods.slice/kubepods-pod8dbc5577_d0e2_4706_8787_57d52c03ddf2.slice/cri-containerd-{Id}.scope",
        ConstraintScope.Container
    )]
    [InlineData($"/kubepods/pod{Uid}/{Id}", ConstraintScope.Container)]
    [InlineData($"/kubepods/pod{Uid}/{Id}/system.slice", ConstraintScope.Cgroup)]
    [InlineData($"/kubepods/pod{Uid}/crio-{Id}/container", ConstraintScope.Container)]
    [InlineData($"/kubepods/pod{Uid}/crio-conmon-{Id}.scope", ConstraintScope.Cgroup)]
    [InlineData("/kubepods/besteffort", ConstraintScope.Cgroup)]
    [InlineData("/system.slice/x.service", ConstraintScope.Cgroup)]
    public void Scope_is_that_of_the_cgroup_itself(string path, ConstraintScope scope)
    {
        _captured.AddUnified("/");

        Assert.Equal(scope, Locate($"0::{path}\n").Cgroup!.Scope);
    }

    [Fact]
    public void Names_that_are_not_text_stay_apart()
    {
        _captured.AddUnified("/");
        var root = Root();

        var first = root.Locate([.. "0::/"u8, 0xff, (byte)'\n'], CgroupController.Pids).Cgroup;
        var second = root.Locate([.. "0::/"u8, 0xfe, (byte)'\n'], CgroupController.Pids).Cgroup;

        Assert.NotNull(first);
        Assert.NotSame(first, second);
    }

    public void Dispose()
    {
        _root?.Dispose();
        _captured.Dispose();
    }

    private CgroupRoot Root() => _root ??= _captured.Open();

    private CgroupPlace Locate(string text) => Root().Locate(Encoding.UTF8.GetBytes(text), CgroupController.Pids);
}
