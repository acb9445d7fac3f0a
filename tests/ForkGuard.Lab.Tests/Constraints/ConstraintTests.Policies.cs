using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Constraints;

public abstract partial class ConstraintTests
{
    private const int PermissionDenied = 13;

    /// <summary>What a filter refuses cannot be read, so the verdict names it and is not exact.</summary>
    [Fact]
    public async Task A_seccomp_filter_that_refuses_is_listed_as_not_checked()
    {
        var forker = await Guest.StartForkerAsync();
        await forker.DoAsync("seccomp 0");
        var verdict = Assert.Single(await machine.CheckAsync([forker]));

        Assert.Equal(PermissionDenied, (await forker.ForkAsync()).Error);
        Assert.Equal(["Seccomp"], verdict.NotChecked);
    }

    [Theory]
    [InlineData("deadline 0", Errno.TryAgain, ConstraintVerdict.CannotFork)]
    [InlineData("deadline 1", Errno.None, ConstraintVerdict.CanFork)]
    public async Task SCHED_DEADLINE_refuses_unless_it_resets_on_fork(string command, int error, string expected)
    {
        var forker = await Guest.StartForkerAsync();
        await forker.DoAsync(command);
        var verdict = Assert.Single(await machine.CheckAsync([forker]));

        Assert.Equal(error, (await forker.ForkAsync()).Error);
        Assert.Equal((expected, 0), (verdict.Verdict, verdict.NotChecked.Count));
    }
}
