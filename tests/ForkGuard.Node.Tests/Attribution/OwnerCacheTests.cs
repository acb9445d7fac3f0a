using System.Diagnostics;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Tests.Scanning;
using ForkGuard.Testing;

namespace ForkGuard.Node.Tests.Attribution;

/// <summary>K15: a process that ends during a scan belongs to nobody, and never to the host.</summary>
public sealed class OwnerCacheTests
{
    private readonly OwnerCache _owners = new(new ProcRoot());

    public OwnerCacheTests() => _owners.Begin(Scans.Start);

    [Fact]
    public void A_living_process_has_its_command_and_start()
    {
        Assert.True(_owners.TryFind(Environment.ProcessId, startTime: 0, out var owner));
        Assert.NotEqual(0UL, owner.StartTime);
        Assert.True(_owners.TryFind(Environment.ProcessId, owner.StartTime, out var again));
        Assert.Equal(owner, again);
    }

    [Fact]
    public async Task A_process_that_has_ended_has_no_owner()
    {
        using var process = Process.Start("/bin/true");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.False(_owners.TryFind(process.Id, startTime: 0, out _));
    }

    /// <summary>cgroup v1 shows its cgroup as the root, which is the host's.</summary>
    [Fact]
    public async Task A_zombie_has_no_owner()
    {
        await using var zombie = await Zombie.StartAsync(TestContext.Current.CancellationToken);
        Assert.False(_owners.TryFind(zombie.Pid, startTime: 0, out _));
    }

    [Fact]
    public void Another_process_with_the_pid_has_no_owner()
    {
        Assert.True(_owners.TryFind(Environment.ProcessId, startTime: 0, out var owner));
        Assert.False(_owners.TryFind(Environment.ProcessId, owner.StartTime + 1, out _));
    }

    [Fact]
    public async Task A_process_that_moved_belongs_to_its_new_unit_within_a_minute()
    {
        await using var cgroup = TestPidsCgroup.Create(max: 10);
        await using var victim = await Victim.StartAsync(
            VictimLayout.Idle,
            1,
            cancellationToken: TestContext.Current.CancellationToken
        );
        foreach (var seconds in new[] { 0, 15, 30 })
        {
            Assert.False(UnitOf(victim.Pid, seconds) == cgroup.Name);
        }

        cgroup.Add(victim.Pid);

        Assert.Equal(cgroup.Name, UnitOf(victim.Pid, seconds: 75));
    }

    private string? UnitOf(int pid, int seconds)
    {
        _owners.Begin(Scans.Start.AddSeconds(seconds));
        Assert.True(ProcessOwner.TryRead(new ProcRoot(), pid, out var now));
        Assert.True(_owners.TryFind(pid, now.StartTime, out var owner));
        return owner.Membership.Unit;
    }
}
