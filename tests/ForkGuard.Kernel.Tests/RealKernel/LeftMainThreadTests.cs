using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>A process whose main thread has exited is in state Z and shows no memory, and its other threads fork.</summary>
[Trait("Needs", "Machine")]
public sealed class LeftMainThreadTests
{
    [Fact]
    public async Task It_is_evaluated_by_a_thread_that_lives()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() + 1,
            cancellationToken: cancellation
        );
        var state = Live.State();
        Assert.SkipWhen(victim.BuildFailure is not null, "this machine grants no mapping of that size");
        using var scanner = new ProcessScanner(new ProcRoot(), maxHeld: 100, new ReadBudget(ScanBudget.Unlimited));
        Assert.True(IsFound(scanner, state, victim.Pid));

        Assert.Equal(Errno.None, await victim.LeaveMainThreadAsync(cancellation));
        await Condition.HoldsAsync(
            () => File.ReadAllText($"/proc/{victim.Pid}/stat").Contains(") Z ", StringComparison.Ordinal),
            "the main thread has exited",
            cancellation
        );

        Assert.True(IsFound(scanner, state, victim.Pid));
        Assert.True(IsFound(scanner, state, victim.Pid));
        Assert.True(SaveOf(victim.Pid)?.Cost.Bytes > 0);
        if (state.Mode == OvercommitMode.Heuristic)
        {
            var reading = Live.Inspect(victim.Pid);
            Assert.Equal(
                (Verdict.CannotFork, true, ReadStatus.Ok),
                (reading.Assessment.Verdict, reading.Assessment.IsExact, reading.Status)
            );
            Assert.Equal(Errno.NoMemory, await victim.ForkAsync(cancellation));
        }
    }

    [Fact]
    public async Task A_zombie_without_further_threads_has_nothing_to_copy()
    {
        await using var zombie = await Zombie.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(ReadStatus.NoAddressSpace, Live.Inspect(zombie.Pid).Status);
    }

    private static SnapshotReading? SaveOf(int pid)
    {
        var proc = new ProcRoot();
        using CgroupRoot cgroups = new(proc);
        return SnapshotScanner.Read(new ScanContext(proc, cgroups), pid, startTime: 1);
    }

    private static bool IsFound(ProcessScanner scanner, in KernelState state, int pid)
    {
        var found = new List<ProcessReading>();
        scanner.Scan(state, Live.EvaluatedMode(state), 90, DateTimeOffset.UnixEpoch, found);
        return found.Exists(r => r.Pid == pid && r.Assessment.Percent >= 100);
    }
}
