using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;
using Condition = ForkGuard.Testing.Condition;

namespace ForkGuard.Kernel.Tests.RealKernel;

public sealed class ProcessFactsTests : IDisposable
{
    private const int PermissionDenied = 13;

    private readonly LiveChecks _checks = new();

    [Fact]
    public async Task A_dead_pid_namespace_refuses_and_one_without_a_child_yet_does_not()
    {
        await using var forker = await Forker.StartAsync();
        await forker.UnshareAsync(Forker.CloneNewPid);
        Assert.False(await CompareAsync(forker));
        Assert.True(await CompareAsync(forker));
    }

    [Fact]
    public async Task A_pid_namespace_with_a_living_init_does_not_refuse()
    {
        await using var forker = await Forker.StartAsync();
        await forker.UnshareAsync(Forker.CloneNewPid);
        await forker.DoAsync("keep");
        Assert.False(await CompareAsync(forker));
    }

    [Fact]
    public async Task An_init_that_nobody_reaped_is_dead()
    {
        await using var forker = await Forker.StartAsync();
        await forker.UnshareAsync(Forker.CloneNewPid);
        await forker.DoAsync("zombie");
        Assert.True(await CompareAsync(forker));
    }

    [Fact]
    public async Task An_init_that_waits_for_a_member_that_nobody_reaps_is_dead()
    {
        await using var forker = await Forker.StartAsync();
        await forker.UnshareAsync(Forker.CloneNewPid);
        await forker.DoAsync("keep");
        await forker.DoAsync("endinit");
        Assert.True(await CompareAsync(forker));
    }

    [Fact]
    public async Task A_seccomp_filter_is_not_checked()
    {
        await using var forker = await Forker.StartAsync();
        Assert.Equal(NotChecked.None, _checks.Read(forker.Pid).NotChecked);
        await forker.DoAsync("seccomp");
        Assert.Equal(NotChecked.Seccomp, _checks.Read(forker.Pid).NotChecked);
        Assert.Equal(PermissionDenied, await forker.ForkAsync());
    }

    [Theory]
    [InlineData("deadline 0", DeadlineThreads.All, Errno.TryAgain)]
    [InlineData("deadline 1", DeadlineThreads.None, Errno.None)]
    public async Task SCHED_DEADLINE_refuses_unless_it_resets_on_fork(
        string command,
        DeadlineThreads expected,
        int errno
    )
    {
        await using var forker = await Forker.StartAsync();
        await forker.DoAsync(command);
        var result = _checks.Read(forker.Pid);
        Assert.Equal((expected, NotChecked.None), (result.Deadline, result.NotChecked));
        Assert.Equal(errno, await forker.ForkAsync());
        Assert.Equal(errno, await forker.AskAsync("thread"));
    }

    [Fact]
    public async Task SCHED_DEADLINE_of_one_of_several_threads_is_not_checked()
    {
        await using var forker = await Forker.StartAsync();
        await forker.DoAsync("thread");
        await forker.DoAsync("deadline 0");
        var result = _checks.Read(forker.Pid);
        Assert.Equal((DeadlineThreads.Some, NotChecked.SchedDeadline), (result.Deadline, result.NotChecked));
        Assert.Equal(Errno.TryAgain, await forker.ForkAsync());
    }

    [Fact]
    public async Task SCHED_DEADLINE_of_the_only_living_thread_refuses()
    {
        await using var forker = await Forker.StartAsync();
        await forker.DoAsync("handover");
        await forker.DoAsync("deadline 0");
        await Condition.HoldsAsync(
            () => File.ReadAllText($"/proc/{forker.Pid}/stat").Contains(") Z ", StringComparison.Ordinal),
            "the main thread has ended",
            TestContext.Current.CancellationToken
        );
        Assert.Equal(DeadlineThreads.All, _checks.Read(forker.Pid).Deadline);
        Assert.Equal(Errno.TryAgain, await forker.ForkAsync());
    }

    [Fact]
    public async Task A_process_that_has_ended_is_gone()
    {
        await using var forker = await Forker.StartAsync();
        var pid = forker.Pid;
        await forker.DisposeAsync();
        Assert.Equal(ReadStatus.Gone, ForkChecks.ReadAll(_checks.Context, pid, DateTimeOffset.UnixEpoch).Status);
    }

    [Fact]
    public async Task A_zombie_has_no_constraint()
    {
        await using var forker = await Forker.StartAsync();
        await forker.DoAsync("zombie");
        var result = ForkChecks.ReadAll(_checks.Context, forker.Child, DateTimeOffset.UnixEpoch);
        Assert.Equal(ReadStatus.NoAddressSpace, result.Status);
        Assert.Empty(result.Readings);
    }

    [Fact]
    public void Tasks_of_the_node_are_those_that_proc_lists()
    {
        static ulong Count() =>
            (ulong)Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(p[6])).Sum(CountTasks);

        var before = Count();
        var readings = new List<ConstraintReading>();
        _checks.Context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent: 0);
        ForkChecks.ScanNode(_checks.Context, readings);
        var after = Count();

        Assert.Equal([ConstraintType.Threads, ConstraintType.PidSpace], readings.Select(r => r.Type));
        Assert.All(readings, r => Assert.Null(r.Problem));
        Assert.All(readings, r => Assert.False(r.Refuses));

        // Other tests start and end processes meanwhile.
        const ulong churn = 100;
        Assert.InRange(
            readings[0].Used,
            Math.Min(before, after) - Math.Min(before, churn),
            Math.Max(before, after) + churn
        );
        Assert.Equal(ReadNumber("threads-max"), readings[0].Limit);
        Assert.Equal(ReadNumber("pid_max") - 300, readings[1].Limit);
    }

    public void Dispose() => _checks.Dispose();

    private static int CountTasks(string process)
    {
        try
        {
            return Directory.GetDirectories($"{process}/task").Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static ulong ReadNumber(string name) =>
        ulong.Parse(File.ReadAllText($"/proc/sys/kernel/{name}"), System.Globalization.CultureInfo.InvariantCulture);

    private Task<bool> CompareAsync(Forker forker) =>
        _checks.CompareAsync(forker, ConstraintType.PidNamespace, Errno.NoMemory);
}
