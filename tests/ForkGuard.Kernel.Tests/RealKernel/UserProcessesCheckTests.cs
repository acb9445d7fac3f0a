using System.Globalization;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.RealKernel;

public sealed class UserProcessesCheckTests : IDisposable
{
    private const ulong SysAdmin = 1 << 21;

    private readonly LiveChecks _checks = new();
    private readonly uint _uid = Forker.UniqueUid();

    [Fact]
    public async Task Refuses_a_fork_at_the_limit_and_not_one_before()
    {
        await using var forker = await StartAsync();
        await forker.LimitAsync(2);
        Assert.False(await CompareAsync(forker));
        await forker.DoAsync("keep");
        Assert.True(await CompareAsync(forker));

        var reading = _checks.Find(forker.Pid, ConstraintType.UserProcesses)!.Value;
        Assert.Equal((2UL, 2UL), (reading.Used, reading.Limit));
        Assert.Equal(ConstraintScope.User, reading.Scope);
        Assert.Equal(_uid.ToString(CultureInfo.InvariantCulture), reading.ScopeName);
    }

    [Theory]
    [InlineData("thread")]
    [InlineData("zombie")]
    public async Task Threads_and_zombies_count(string command)
    {
        await using var forker = await StartAsync();
        await forker.LimitAsync(3);
        await forker.DoAsync(command);
        Assert.False(await CompareAsync(forker));
        await forker.DoAsync(command);
        Assert.True(await CompareAsync(forker));
    }

    [Fact]
    public async Task Processes_elsewhere_of_the_same_uid_count()
    {
        await using var other = await StartAsync();
        await using var forker = await StartAsync();
        await forker.LimitAsync(4);
        await other.DoAsync("keep");
        Assert.False(await CompareAsync(forker));
        await other.DoAsync("keep");
        Assert.True(await CompareAsync(forker));
        await other.DoAsync("end");
        Assert.False(await CompareAsync(forker));
    }

    [Fact]
    public async Task Agrees_with_the_kernel_while_the_limit_moves()
    {
        await using var forker = await StartAsync();
        await forker.DoAsync("keep");
        await forker.DoAsync("keep");
        for (ulong limit = 6; limit > 0; limit--)
        {
            await forker.LimitAsync(limit);
            Assert.Equal(limit <= 3, await CompareAsync(forker));
        }
    }

    [Fact]
    public async Task CAP_SYS_ADMIN_exempts()
    {
        await using var forker = await Forker.StartAsync();
        await forker.BecomeAsync(_uid, SysAdmin);
        await forker.LimitAsync(1);
        await forker.DoAsync("keep");
        Assert.False(await CompareAsync(forker));
        Assert.Null(_checks.Find(forker.Pid, ConstraintType.UserProcesses));
    }

    [Fact]
    public async Task Root_is_exempt_but_its_child_with_another_uid_may_not_be()
    {
        await using var forker = await Forker.StartAsync();
        Assert.False(_checks.Read(forker.Pid).NotChecked.HasFlag(NotChecked.SetuidExec));
        await forker.LimitAsync(1);
        Assert.False(await CompareAsync(forker));
        Assert.True(_checks.Read(forker.Pid).NotChecked.HasFlag(NotChecked.SetuidExec));
    }

    [Fact]
    public async Task A_user_namespace_has_a_count_of_its_own()
    {
        await using var other = await StartAsync();
        await other.DoAsync("keep");
        await other.DoAsync("keep");
        await using var forker = await StartAsync();
        await forker.UnshareAsync(Forker.CloneNewUser);
        await forker.LimitAsync(2);
        Assert.False(await CompareAsync(forker));
        await forker.DoAsync("keep");
        Assert.True(await CompareAsync(forker));
        Assert.True(_checks.Read(forker.Pid).NotChecked.HasFlag(NotChecked.CreatorLimit));
    }

    [Fact]
    public async Task Tasks_of_a_user_namespace_count_for_its_creator()
    {
        await using var other = await StartAsync();
        await other.UnshareAsync(Forker.CloneNewUser);
        await using var forker = await StartAsync();
        await forker.LimitAsync(4);
        await other.DoAsync("keep");
        Assert.False(await CompareAsync(forker));
        await other.DoAsync("keep");
        Assert.True(await CompareAsync(forker));
    }

    [Fact]
    public async Task A_limit_that_was_raised_since_is_read_again_before_a_warning()
    {
        await using var forker = await StartAsync();
        await forker.LimitAsync(1);
        var facts = new ProcessFacts { Pid = forker.Pid };
        var reader = new ProcessFactsReader(_checks.Context);
        List<ConstraintReading> found = [];
        _checks.Context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent: 70);
        Assert.Equal(ReadStatus.Ok, ForkChecks.Scan(_checks.Context, reader, facts, found));
        Assert.True(Assert.Single(found).Refuses);

        await forker.LimitAsync(50);
        found.Clear();
        _checks.Context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent: 70);
        Assert.False(facts.IsDue(DateTimeOffset.UnixEpoch));
        Assert.Equal(ReadStatus.Ok, ForkChecks.Scan(_checks.Context, reader, facts, found));
        Assert.Empty(found);

        await forker.DisposeAsync();
        _checks.Context.BeginScan(DateTimeOffset.UnixEpoch.AddHours(1), levelPercent: 70);
        Assert.Equal(ReadStatus.Gone, ForkChecks.Scan(_checks.Context, reader, facts, found));
    }

    public void Dispose() => _checks.Dispose();

    private async Task<Forker> StartAsync()
    {
        var forker = await Forker.StartAsync();
        await forker.BecomeAsync(_uid);
        return forker;
    }

    private Task<bool> CompareAsync(Forker forker) => _checks.CompareAsync(forker, ConstraintType.UserProcesses);
}
