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
                cases.Add(await container.LimitPidsAsync(victim, level, free));
            }
        }

        ConstraintTrial.AssertRight(await machine.TryAsync(Pids, cases));
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
                cases.Add(await container.LimitPidsAsync(victim, CgroupLevel.Pod, free));
            }
        }

        ConstraintTrial.AssertRight(await machine.TryAsync(Pids, cases));
    }

    [Fact]
    public async Task Pids_of_a_container_in_a_container_are_those_of_every_cgroup_above()
    {
        var cases = new List<ConstraintCase>();
        foreach (var level in (CgroupLevel[])[CgroupLevel.Container, CgroupLevel.Pod])
        {
            foreach (var isOuter in (bool[])[false, true])
            {
                var driver = Drivers[cases.Count / 2 % Drivers.Length];
                foreach (var free in (int[])[0, 1])
                {
                    var outer = await Cgroups.AddAsync(driver);
                    var inner = await Cgroups.AddAsync(Drivers.Single(other => other != driver), outer);
                    var victim = await inner.StartAsync(Idle);
                    await victim.DoAsync("hold 2");
                    cases.Add(await (isOuter ? outer : inner).LimitPidsAsync(victim, level, free));
                }
            }
        }

        ConstraintTrial.AssertRight(await machine.TryAsync(Pids, cases));
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
            cases.Add(await container.LimitPidsAsync(victim, CgroupLevel.Pod, free: 0));
        }

        ConstraintTrial.AssertRight(await machine.TryAsync(Pids, cases));
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
            trials.AddRange(await machine.TryAsync(Pids, await container.LimitPidsAsync(victim, level, free)));
        }

        ConstraintTrial.AssertRight(trials);
    }

    /// <summary>Before 6.11 and on cgroup v1 each container counts its own, then the pod counts them all.</summary>
    [Fact]
    public async Task Refused_forks_of_every_container_of_the_pod_count()
    {
        var container = await Cgroups.AddAsync(CgroupDriver.Systemd);
        var victim = await container.StartAsync(Idle);
        var other = await (await Cgroups.AddSiblingAsync(container)).StartAsync(Idle);
        await container.LimitPidsAsync(victim, CgroupLevel.Pod, free: 0);
        foreach (var refused in (GuestVictim[])[victim, other, other])
        {
            Assert.Equal(Errno.TryAgain, (await refused.ForkAsync()).Error);
        }

        var verdicts = await machine.CheckAsync([victim, other]);

        Assert.Equal([3L, 3L], verdicts.Select(verdict => verdict.Find(Pids)!.Refused));
    }

    /// <summary>
    /// As in kind: the agent of a node that is a container reads every limit below and that of the container. Those above are not
    /// shown to it, and <c>check</c> names them.
    /// </summary>
    [Theory]
    [InlineData(false, CgroupLevel.Container)]
    [InlineData(false, CgroupLevel.Pod)]
    [InlineData(true, CgroupLevel.Container)]
    [InlineData(true, CgroupLevel.Pod)]
    public async Task Check_on_a_node_that_is_a_container_knows_the_limits_from_its_own_down(
        bool isOuter,
        CgroupLevel level
    )
    {
        var outer = await Cgroups.AddAsync(CgroupDriver.Systemd);
        var init = await Cgroups.AddInitAsync(outer);
        var node = await outer.StartAsync(Idle, ["unshare node", .. Cgroups.StepsInto("/init")]);
        var inner = await Cgroups.AddAsync(CgroupDriver.Cgroupfs, outer);
        var victim = await inner.StartAsync(Idle);
        // Check itself needs tasks in the outer container.
        var limited = await (isOuter ? outer : inner).LimitPidsAsync(victim, level, free: isOuter ? 100 : 0);

        var verdict = Assert.Single(
            await machine.CheckAsync([victim], [.. Cgroups.StepsInto(init), Text($"enter {node.Pid}")])
        );

        Assert.Equal(limited.Error, (await victim.ForkAsync()).Error);
        Assert.Equal(isOuter ? ConstraintVerdict.CanFork : ConstraintVerdict.CannotFork, verdict.Verdict);
        var isShown = !(isOuter && level == CgroupLevel.Pod);
        Assert.Equal(isShown ? limited.Limit : null, verdict.Find(Pids)?.Limit);
        Assert.Contains("OuterCgroups", verdict.NotChecked, StringComparer.Ordinal);
    }

    /// <summary>A cgroup namespace of check's own hides the names of the cgroups above, not their limits.</summary>
    [Fact]
    public async Task Check_in_a_cgroup_namespace_of_its_own_promises_no_fork_that_pids_refuse()
    {
        var own = await Cgroups.AddAsync(CgroupDriver.Cgroupfs);
        var container = await Cgroups.AddAsync(CgroupDriver.Systemd);
        var victim = await container.StartAsync(Idle);
        await container.LimitPidsAsync(victim, CgroupLevel.Container, free: 0);

        var verdicts = await machine.CheckAsync(
            [victim],
            [.. Cgroups.StepsInto(own.PathOf(CgroupLevel.Container)), "unshare cgroup"]
        );

        Assert.Equal(Errno.TryAgain, (await victim.ForkAsync()).Error);
        Assert.DoesNotContain(verdicts, v => v.Verdict == ConstraintVerdict.CanFork);
    }
}
