using System.Globalization;
using System.Runtime.InteropServices;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

public sealed partial class CgroupNamespaceTests
{
    private const int CloneNewCgroup = 0x02000000;

    private static readonly CgroupFile Max = new("pids.max");

    [Fact]
    public async Task A_reader_in_a_cgroup_namespace_of_its_own_finds_limits_inside_and_outside_of_it()
    {
        await using var pod = TestCgroup.Create();
        await using var own = pod.CreateChild();
        await using var other = pod.CreateChild();
        await using var inside = await Forker.StartAsync();
        await using var outside = await Forker.StartAsync();
        pod.SetMax(51);
        own.SetMax(52);
        other.SetMax(53);
        own.Add(inside.Pid);
        other.Add(outside.Pid);

        // A namespace belongs to a thread: one that enters the cgroup and unshares reads as a container does.
        string? shown = null;
        ulong[] limits = [];
        Exception? failure = null;
        var reader = new Thread(() =>
        {
            try
            {
                own.AddThisThread();
                Assert.Equal(0, unshare(CloneNewCgroup));
                shown = File.ReadAllText(PathOf(outside.Pid));
                using var root = new CgroupRoot(new ProcRoot(), ownPid: inside.Pid);
                limits = [Limit(root, inside.Pid), Limit(root, outside.Pid), ParentLimit(root, outside.Pid)];
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        reader.Start();
        reader.Join();

        Assert.Null(failure);
        Assert.Contains("/../", shown, StringComparison.Ordinal);
        Assert.Equal([52, 53, 51], limits);
    }

    private static ulong Limit(CgroupRoot root, int pid) => Locate(root, pid).Number(Max).Value;

    private static ulong ParentLimit(CgroupRoot root, int pid) => Locate(root, pid).Parent!.Number(Max).Value;

    private static Cgroup Locate(CgroupRoot root, int pid)
    {
        var place = root.Locate(File.ReadAllBytes(PathOf(pid)), CgroupController.Pids);
        Assert.Null(place.Problem);
        return place.Cgroup!;
    }

    private static string PathOf(int pid) => string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup");

    [LibraryImport("libc")]
    private static partial int unshare(int flags);
}
