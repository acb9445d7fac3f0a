namespace ForkGuard.Lab.Tests.Constraints;

public abstract partial class ConstraintTests
{
    [Fact]
    public Task The_kernel_kills_a_save_at_the_page_that_check_predicts() =>
        new Saves(machine, output).AssertKillsAreAsPredictedAsync();

    [Fact]
    public Task Swap_is_room_for_a_save_as_far_as_its_own_limit() => new Saves(machine, output).AssertSwapIsRoomAsync();

    [Fact]
    public Task A_running_watch_warns_of_a_save_with_the_time_left_before_the_kernel_kills_it() =>
        new RunningSaves(machine, output).AssertWarnsAsync();
}
