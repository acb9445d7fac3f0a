using System.Globalization;
using ForkGuard.EndToEnd.Tests.Cluster;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>
/// Each constraint that a node has without a setting of the whole machine, at the limit and one before: what check prints in the
/// agent's container, and what the node reports, is what the kernel does with the fork.
/// </summary>
[Trait("Needs", "Machine")]
public sealed class ConstraintTests : IClassFixture<ConstraintScenes>, IAsyncDisposable
{
    private const string Pids = nameof(Pids);
    private const string UserProcesses = nameof(UserProcesses);
    private const string PidNamespace = nameof(PidNamespace);
    private const string ContainerMemory = nameof(ContainerMemory);
    private const string LargestMapping = nameof(LargestMapping);

    private readonly List<ProgramInPod> _programs = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Limits of a container and of its class of quality of service, and that of the pod, which the kubelet sets.</summary>
    [Theory]
    [InlineData(ConstraintScenes.Pids)]
    [InlineData(ConstraintScenes.PidsOfUser)]
    public async Task Pids_of_each_cgroup_above_a_process_refuse_its_fork(string pod)
    {
        ProgramInPod victim = await VictimAsync(pod, "tasks");
        foreach (
            (PodLevel level, string scope) in ((PodLevel, string)[])
                [(PodLevel.Container, "Container"), (PodLevel.QualityOfService, "Cgroup")]
        )
        {
            string cgroup = victim.CgroupOf("pids", level);
            try
            {
                foreach (int free in (int[])[1, 0])
                {
                    long used = Read(cgroup, "pids.current");
                    Write(cgroup, "pids.max", used + free);
                    await NodeTrial.AssertRightAsync(Cancelled, OfPids(victim, used, used + free, scope));
                }
            }
            finally
            {
                File.WriteAllText(Path.Combine(cgroup, "pids.max"), "max");
            }
        }

        string ofPod = victim.CgroupOf("pids", PodLevel.Pod);
        Assert.Equal(LeakingPods.Limit, Read(ofPod, "pids.max"));
        await victim.DoAsync(Cancelled, Text($"hold {LeakingPods.Limit - 1 - Read(ofPod, "pids.current")}"));
        foreach (int used in (int[])[LeakingPods.Limit - 1, LeakingPods.Limit])
        {
            await NodeTrial.AssertRightAsync(
                Cancelled,
                OfPids(victim, used, LeakingPods.Limit, "Pod") with
                {
                    IsReported = true,
                }
            );
            await victim.DoAsync(Cancelled, used < LeakingPods.Limit ? ["hold 1"] : []);
        }
    }

    /// <summary>Two pods of one user: threads and zombies of each count against the limit of the other.</summary>
    [Fact]
    public async Task Tasks_of_one_user_in_two_pods_refuse_the_fork_that_its_limit_does_not_grant()
    {
        // The first processes of the two pods, the neighbour with two threads and a zombie, and the two that fork.
        const int used = 2 + 3 + 1 + 2;
        ProgramInPod neighbour = await VictimAsync(ConstraintScenes.SameUser, "neighbour");
        await neighbour.DoAsync(Cancelled, "hold 2", "zombie");
        ProgramInPod refused = await ForkerAsync(ConstraintScenes.User, "refused");
        ProgramInPod granted = await ForkerAsync(ConstraintScenes.User, "granted");
        ProgramInPod exempt = await ForkerAsync(ConstraintScenes.Root, "exempt");
        await refused.DoAsync(Cancelled, Text($"nproc {used}"));
        await granted.DoAsync(Cancelled, Text($"nproc {used + 1}"));
        await exempt.DoAsync(Cancelled, "nproc 1");

        await NodeTrial.AssertRightAsync(
            Cancelled,
            // The pid namespace of this node is not the initial one: tasks outside of it may count as well.
            OfUser(granted, Errno.None, used, used + 1) with
            {
                MayBeUnknown = true,
            },
            OfUser(refused, Errno.TryAgain, used, used) with
            {
                IsReported = true,
            },
            new NodeTrial(exempt, UserProcesses, Errno.None)
        );
    }

    /// <summary>Up to Linux 6.18 a namespace without an init looks different from one whose init has ended.</summary>
    [Fact]
    public async Task A_pid_namespace_whose_init_has_ended_refuses_every_fork()
    {
        const string unshare = "unshare 536870912";
        ProgramInPod first = await ForkerAsync(ConstraintScenes.PidNamespace, "first");
        ProgramInPod living = await ForkerAsync(ConstraintScenes.PidNamespace, "living");
        await first.DoAsync(Cancelled, unshare);
        await living.DoAsync(Cancelled, unshare, "keep");
        bool mayBeUnknown = RunningKernel.Version.Major >= 7;

        // The fork of the first one makes an init, which ends at once.
        await NodeTrial.AssertRightAsync(
            Cancelled,
            new NodeTrial(living, PidNamespace, Errno.None),
            new NodeTrial(first, PidNamespace, Errno.None) { MayBeUnknown = mayBeUnknown }
        );
        await NodeTrial.AssertRightAsync(
            Cancelled,
            new NodeTrial(first, PidNamespace, Errno.NoMemory)
            {
                IsReported = !mayBeUnknown,
                MayBeUnknown = mayBeUnknown,
            }
        );
    }

    /// <summary>The limits are further from what a fork costs than the charges that each CPU may hold in advance.</summary>
    [Fact]
    public async Task A_memory_limit_of_container_or_pod_below_the_cost_of_a_fork_ends_the_process_or_refuses()
    {
        const int tables = 3072;
        const long cost = tables * 4096;
        string[] containers = ConstraintScenes.MemoryContainers;
        ProgramInPod killed = await WithTablesAsync(ConstraintScenes.Memory, containers[0], tables);
        ProgramInPod granted = await WithTablesAsync(ConstraintScenes.Memory, containers[1], tables);
        ProgramInPod spared = await WithTablesAsync(ConstraintScenes.Memory, containers[2], tables);
        ProgramInPod ofPod = await WithTablesAsync(ConstraintScenes.MemoryOfPod, containers[0], tables);
        // The OOM killer leaves this cgroup alone, so the fork returns.
        Write(spared.CgroupOf("memory", PodLevel.Container), "memory.oom_control", 1);
        LeaveMemory(killed, PodLevel.Container, cost / 2);
        LeaveMemory(spared, PodLevel.Container, cost / 2);
        LeaveMemory(granted, PodLevel.Container, cost * 5 / 4);
        LeaveMemory(ofPod, PodLevel.Pod, cost / 2);

        await NodeTrial.AssertRightAsync(
            Cancelled,
            OfMemory(granted, Errno.None, "Container"),
            OfMemory(killed, ProgramInPod.Killed, "Container"),
            OfMemory(spared, Errno.NoMemory, "Container"),
            OfMemory(ofPod, ProgramInPod.Killed, "Pod")
        );
    }

    [Fact]
    public async Task A_mapping_longer_than_memory_and_swap_refuses_the_fork_of_any_user()
    {
        Assert.Equal(0, RunningKernel.OvercommitMode);
        long pages = KernelLimit.Pages;
        List<NodeTrial> trials = [];
        foreach (string pod in (string[])[ConstraintScenes.Root, ConstraintScenes.OtherUser])
        {
            foreach (int more in (int[])[0, 1])
            {
                ProgramInPod victim = await ProgramInPod.VictimAsync(
                    pod,
                    Text($"mapping-{pod}-{more}"),
                    Cancelled,
                    "merged",
                    pages + more
                );
                _programs.Add(victim);
                trials.Add(
                    new(victim, LargestMapping, more == 0 ? Errno.None : Errno.NoMemory)
                    {
                        Used = (pages + more) * Environment.SystemPageSize,
                        Limit = pages * Environment.SystemPageSize,
                        IsReported = true,
                    }
                );
            }
        }

        await NodeTrial.AssertRightAsync(Cancelled, trials);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ProgramInPod program in _programs)
        {
            await program.DisposeAsync();
        }
    }

    private async Task<ProgramInPod> VictimAsync(string pod, string name)
    {
        ProgramInPod victim = await ProgramInPod.VictimAsync(pod, $"{name}-{pod}", Cancelled);
        _programs.Add(victim);
        return victim;
    }

    private async Task<ProgramInPod> ForkerAsync(string pod, string name)
    {
        ProgramInPod forker = await ProgramInPod.ForkerAsync(pod, name, Cancelled);
        _programs.Add(forker);
        return forker;
    }

    /// <summary>Starts a victim with one page in each of so many page tables: the tables cost as much as the pages.</summary>
    private async Task<ProgramInPod> WithTablesAsync(string pod, string container, int tables)
    {
        ProgramInPod victim = await ProgramInPod.VictimAsync(
            pod,
            $"tables-{pod}-{container}",
            Cancelled,
            "noreserve",
            tables * 512,
            container
        );
        _programs.Add(victim);
        await victim.DoAsync(Cancelled, Text($"scatter {tables}"));
        return victim;
    }

    private static NodeTrial OfPids(ProgramInPod victim, long used, long limit, string scope) =>
        new(victim, Pids, used < limit ? Errno.None : Errno.TryAgain)
        {
            Used = used,
            Limit = limit,
            Scope = scope,
        };

    private static NodeTrial OfUser(ProgramInPod victim, int error, long used, long limit) =>
        new(victim, UserProcesses, error)
        {
            Used = used,
            Limit = limit,
            Scope = "User",
        };

    private static NodeTrial OfMemory(ProgramInPod victim, int error, string scope) =>
        new(victim, ContainerMemory, error) { Scope = scope, IsReported = true };

    private static void LeaveMemory(ProgramInPod victim, PodLevel level, long bytes)
    {
        string cgroup = victim.CgroupOf("memory", level);
        Write(cgroup, "memory.limit_in_bytes", Read(cgroup, "memory.usage_in_bytes") + bytes);
    }

    private static long Read(string cgroup, string file) =>
        long.Parse(File.ReadAllText(Path.Combine(cgroup, file)), CultureInfo.InvariantCulture);

    private static void Write(string cgroup, string file, long value) =>
        File.WriteAllText(Path.Combine(cgroup, file), value.ToString(CultureInfo.InvariantCulture));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
