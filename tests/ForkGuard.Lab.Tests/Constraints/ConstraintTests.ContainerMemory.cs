using ForkGuard.Api.Constraints;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Constraints;

public abstract partial class ConstraintTests
{
    private const string ContainerMemory = nameof(ConstraintType.ContainerMemory);

    private const int Tables = 2048;
    private const long Kibibyte = 1024;
    private const long Mebibyte = 1024 * Kibibyte;

    // 4 GiB of addresses with one page in each table: the tables cost as much as the memory itself.
    private const string ManyTables = "noreserve 1048576";

    /// <summary>Upper bound of what a fork costs beside the tables of the layout: the stack of the kernel, other tables, mappings.</summary>
    private const long OtherCost = 128 * Kibibyte;

    /// <summary>The charge that each CPU may hold in advance (MEMCG_CHARGE_BATCH, mm/memcontrol.c): 64 pages.</summary>
    private long Batches => machine.Cpus * 64 * 4 * Kibibyte;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_memory_limit_of_any_ancestor_below_the_cost_of_a_fork_ends_the_process(int mode)
    {
        const long cost = Tables * 4 * Kibibyte;
        await SetModeAsync(mode);
        (CgroupLevel Level, string Score, long Room, int Error)[] rows =
        [
            (CgroupLevel.Container, "0", cost - Batches, ForkOutcome.Killed),
            (CgroupLevel.Container, "0", cost + OtherCost, Errno.None),
            (CgroupLevel.Pod, "0", cost / 2, ForkOutcome.Killed),
            (CgroupLevel.Pod, "0", cost * 2, Errno.None),
            (CgroupLevel.Pods, "0", cost / 2, ForkOutcome.Killed),
            // Nobody may be killed here, so the fork returns.
            (CgroupLevel.Container, "-1000", cost / 2, Errno.NoMemory),
            (CgroupLevel.Container, "-1000", cost * 2, Errno.None),
        ];
        var cases = new List<ConstraintCase>();
        foreach (var (level, score, room, error) in rows)
        {
            var container = await Cgroups.AddAsync(Drivers[cases.Count % Drivers.Length]);
            var victim = await container.StartAsync(ManyTables, $"score {score}");
            await victim.DoAsync(Text($"scatter {Tables}"));
            await container.LimitMemoryAsync(level, room);
            cases.Add(
                new(victim, error)
                {
                    Description = Text($"room {room} at the level {level}"),
                    IsWithinUncertainty = Math.Abs(room - cost) <= Batches + OtherCost,
                }
            );
        }

        ConstraintTrial.AssertRight(await machine.TryAsync(ContainerMemory, cases));
    }

    [Fact]
    public async Task Verdicts_follow_a_memory_limit_that_moves_and_memory_high_refuses_nothing()
    {
        const long cost = Tables * 4 * Kibibyte;
        var container = await Cgroups.AddAsync(CgroupDriver.Systemd);
        var victim = await container.StartAsync(ManyTables, "score -1000");
        await victim.DoAsync(Text($"scatter {Tables}"));
        var used = await container.ReadAsync(CgroupLevel.Container, "memory.current");
        var trials = new List<ConstraintTrial>();
        foreach (
            var (room, error) in ((long, int)[])
                [(cost / 2, Errno.NoMemory), (cost * 3, Errno.None), (cost / 3, Errno.NoMemory)]
        )
        {
            await container.WaitForAtMostAsync(CgroupLevel.Container, "memory.current", used + Batches);
            await container.LimitMemoryAsync(CgroupLevel.Container, room);
            trials.AddRange(await machine.TryAsync(ContainerMemory, MemoryCaseOf(victim, error, Text($"room {room}"))));
        }

        if (machine.HasUnifiedCgroups)
        {
            await container.WriteAsync(CgroupLevel.Container, "memory.max", 512 * Mebibyte);
            await container.WriteAsync(CgroupLevel.Container, "memory.high", 4 * Kibibyte);
            trials.AddRange(await machine.TryAsync(ContainerMemory, MemoryCaseOf(victim, Errno.None, "memory.high")));
        }

        ConstraintTrial.AssertRight(trials);
    }

    /// <summary>A fork copies no tables of shared mappings: VmPTE is only an upper bound of its cost.</summary>
    [Fact]
    public async Task Tables_of_shared_mappings_prove_no_refusal()
    {
        const long tables = Tables * 4 * Kibibyte;
        var container = await Cgroups.AddAsync(CgroupDriver.Cgroupfs);
        var victim = await container.StartAsync("shared 1048576");
        await victim.DoAsync(Text($"scatter {Tables}"));
        await container.LimitMemoryAsync(CgroupLevel.Container, tables / 2);
        var shared = MemoryCaseOf(victim, Errno.None, "shared") with { MayBeUnknown = true };

        ConstraintTrial.AssertRight(await machine.TryAsync(ContainerMemory, shared));
    }

    /// <summary>With memory.oom.group, which the kubelet sets, the fork of one process ends its neighbours too.</summary>
    [Fact]
    public async Task A_group_kill_takes_the_neighbours_of_the_process_that_forks()
    {
        var container = await Cgroups.AddAsync(CgroupDriver.Systemd);
        if (machine.HasUnifiedCgroups)
        {
            await container.WriteAsync(CgroupLevel.Container, "memory.oom.group", 1);
        }

        var neighbour = await container.StartAsync(Idle);
        var victim = await container.StartAsync(ManyTables);
        await victim.DoAsync(Text($"scatter {Tables}"));
        await container.LimitMemoryAsync(CgroupLevel.Container, Tables * 4 * Kibibyte / 2);

        ConstraintTrial.AssertRight(
            await machine.TryAsync(ContainerMemory, MemoryCaseOf(victim, ForkOutcome.Killed, "group"))
        );
        // cgroup v1 has no groups: the largest process ends alone.
        var end = machine.HasUnifiedCgroups ? ForkOutcome.Killed : Errno.None;
        Assert.Equal(end, (await neighbour.ForkAsync()).Error);
    }

    private static ConstraintCase MemoryCaseOf(GuestVictim victim, int error, string description) =>
        new(victim, error) { Description = description };
}
