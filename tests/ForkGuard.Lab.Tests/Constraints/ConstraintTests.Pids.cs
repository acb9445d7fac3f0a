using ForkGuard.Api.Constraints;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Constraints;

public abstract partial class ConstraintTests
{
    private const string Pids = nameof(ConstraintType.Pids);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Pids_at_the_limit_of_any_ancestor_refuse_a_fork_in_every_mode(int mode)
    {
        await SetModeAsync(mode);
        var cases = new List<ConstraintCase>();
        foreach (var level in Enum.GetValues<CgroupLevel>())
        {
            var driver = Drivers[cases.Count % Drivers.Length];
            foreach (var free in (int[])[0, 1])
            {
                var container = await Cgroups.AddAsync(driver);
                var victim = await container.StartAsync(Idle);
                await victim.DoAsync("hold 2");
                cases.Add(await LimitPidsAsync(container, victim, level, free));
            }
        }

        AssertRight(await machine.TryAsync(Pids, cases));
    }

    /// <summary>Threads, zombies, other containers of the pod, every user: pids.max counts them all.</summary>
    [Fact]
    public async Task Pids_count_every_task_below_the_limit()
    {
        (string Steps, string[] Commands)[] rows =
        [
            ("", ["hold 3"]),
            ("", ["zombie"]),
            ("", ["keep"]),
            ("as nobody", ["keep"]),
            ("as resource", ["zombie"]),
            ("as userns", ["hold 1"]),
            ("unshare cgroup", ["zombie", "hold 1"]),
            ("unshare pid", ["keep"]),
        ];
        var cases = new List<ConstraintCase>();
        foreach (var (steps, commands) in rows)
        {
            var driver = Drivers[cases.Count / 2 % Drivers.Length];
            foreach (var free in (int[])[0, 1])
            {
                var container = await Cgroups.AddAsync(driver);
                var victim = await container.StartAsync(Idle, steps.Length > 0 ? [steps] : []);
                await victim.DoAsync(commands);
                var sibling = await Cgroups.AddSiblingAsync(container);
                await (await sibling.StartAsync(Idle)).DoAsync("zombie");
                cases.Add(await LimitPidsAsync(container, victim, CgroupLevel.Pod, free));
            }
        }

        AssertRight(await machine.TryAsync(Pids, cases));
    }

    [Fact]
    public async Task The_tightest_of_several_pids_limits_binds()
    {
        var cases = new List<ConstraintCase>();
        foreach (var driver in Drivers)
        {
            var container = await Cgroups.AddAsync(driver);
            var victim = await container.StartAsync(Idle);
            await victim.DoAsync("hold 3");
            await container.WriteAsync(CgroupLevel.Container, "pids.max", 5);
            await container.WriteAsync(CgroupLevel.Pods, "pids.max", 6);
            cases.Add(await LimitPidsAsync(container, victim, CgroupLevel.Pod, free: 0));
        }

        AssertRight(await machine.TryAsync(Pids, cases));
    }

    [Fact]
    public async Task Verdicts_follow_a_pids_limit_that_moves_while_the_process_runs()
    {
        var container = await Cgroups.AddAsync(CgroupDriver.Systemd);
        var victim = await container.StartAsync(Idle);
        await victim.DoAsync("hold 4");
        var trials = new List<ConstraintTrial>();
        // Lower than the usage too, which the kernel allows.
        foreach (var free in (int[])[3, 0, -3, 1, 0])
        {
            var level = free < 0 ? CgroupLevel.Pod : CgroupLevel.Container;
            await container.WriteAsync(CgroupLevel.Pod, "pids.max", 100);
            trials.AddRange(await machine.TryAsync(Pids, await LimitPidsAsync(container, victim, level, free)));
        }

        AssertRight(trials);
    }

    /// <summary>Before 6.11 and on cgroup v1 each container counts its own, then the pod counts them all.</summary>
    [Fact]
    public async Task Refused_forks_of_every_container_of_the_pod_count()
    {
        var container = await Cgroups.AddAsync(CgroupDriver.Systemd);
        var victim = await container.StartAsync(Idle);
        var other = await (await Cgroups.AddSiblingAsync(container)).StartAsync(Idle);
        await LimitPidsAsync(container, victim, CgroupLevel.Pod, free: 0);
        foreach (var refused in (GuestVictim[])[victim, other, other])
        {
            Assert.Equal(Errno.TryAgain, (await refused.ForkAsync()).Error);
        }

        var verdicts = await machine.CheckAsync([victim, other]);

        Assert.Equal([3L, 3L], verdicts.Select(verdict => verdict.Find(Pids)!.Refused));
    }

    /// <summary>A cgroup namespace of check's own hides the names of the cgroups above, not their limits.</summary>
    [Fact]
    public async Task Check_in_a_cgroup_namespace_of_its_own_promises_no_fork_that_pids_refuse()
    {
        var own = await Cgroups.AddAsync(CgroupDriver.Cgroupfs);
        var container = await Cgroups.AddAsync(CgroupDriver.Systemd);
        var victim = await container.StartAsync(Idle);
        await LimitPidsAsync(container, victim, CgroupLevel.Container, free: 0);

        var verdicts = await machine.CheckAsync(
            [victim],
            [.. Cgroups.StepsInto(own.PathOf(CgroupLevel.Container)), "unshare cgroup"]
        );

        Assert.Equal(Errno.TryAgain, (await victim.ForkAsync()).Error);
        Assert.DoesNotContain(verdicts, v => v.Verdict == ConstraintVerdict.CanFork);
    }

    /// <summary>Sets pids.max so that so many more tasks fit.</summary>
    private static async Task<ConstraintCase> LimitPidsAsync(
        GuestContainer container,
        GuestVictim victim,
        CgroupLevel level,
        int free
    )
    {
        var used = await container.ReadAsync(level, "pids.current");
        await container.WriteAsync(level, "pids.max", used + free);
        return new(victim, free > 0 ? Errno.None : Errno.TryAgain)
        {
            Description = Text($"{free} left at the level {level}"),
            Used = used,
            Limit = used + free,
            Scope = level switch
            {
                CgroupLevel.Container => nameof(ConstraintScope.Container),
                CgroupLevel.Pod => nameof(ConstraintScope.Pod),
                _ => nameof(ConstraintScope.Cgroup),
            },
        };
    }
}
