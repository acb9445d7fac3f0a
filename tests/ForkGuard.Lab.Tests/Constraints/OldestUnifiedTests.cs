namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>The oldest kernel of the lab with cgroup v2, whose constraints the machine with v1 covers.</summary>
[Trait("Needs", "Machine")]
public sealed class OldestUnifiedTests(BookwormCgroups machine, ITestOutputHelper output)
    : IAsyncLifetime,
        IClassFixture<BookwormCgroups>
{
    public async ValueTask InitializeAsync()
    {
        output.WriteLine(machine.Name);
        await machine.ResetAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public Task A_running_watch_warns_of_each_lowered_limit_in_its_next_scans() =>
        new LoweredLimits(machine, output).AssertWarnsAsync();

    [Fact]
    public Task The_kernel_kills_a_save_at_the_page_that_check_predicts() =>
        new Saves(machine, output).AssertKillsAreAsPredictedAsync();
}

public abstract partial class ConstraintTests
{
    [Fact]
    public Task A_running_watch_warns_of_each_lowered_limit_in_its_next_scans() =>
        new LoweredLimits(machine, output).AssertWarnsAsync();
}
