using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

public class EventNoteTests
{
    private static readonly ProcessReport Redis = new()
    {
        Pid = 4711,
        Command = "redis-server",
        Verdict = Verdict.CannotFork,
        Constraint = Constraint.LargestMapping,
        UsedBytes = 25_232_932_864,
        LimitBytes = 24_000_000_000,
        GrowthBytesPerMinute = 10_485_760,
        SecondsToLimit = 660,
    };

    [Fact]
    public void It_names_size_limit_mode_growth_time_left_and_the_remedy() =>
        Assert.Equal(
            "largest mapping 23.5 GiB of 22.3 GiB, mode 0; growing 10.0 MiB/min, 11 min left; "
                + "add swap, MADV_DONTFORK, or restart it in time (see forkguard check 4711)",
            EventNote.Of(Redis, overcommitMode: 0, isRecovery: false)
        );

    [Fact]
    public void In_strict_mode_it_names_the_nodes_charge_and_the_forks_part_of_it() =>
        Assert.Equal(
            "commit charge 23.5 GiB of 22.3 GiB, 1.0 GiB of it for its fork, mode 2; growing 10.0 MiB/min, 11 min left; "
                + "add swap, raise vm.overcommit_ratio, or restart it in time (see forkguard check 4711)",
            EventNote.Of(
                Redis with
                {
                    Constraint = Constraint.CommitCharge,
                    OwnBytes = 1_073_741_824,
                },
                overcommitMode: 2,
                isRecovery: false
            )
        );

    [Fact]
    public void During_a_save_it_names_what_fork_children_hold() =>
        Assert.StartsWith(
            "commit charge 23.5 GiB of 22.3 GiB, 1.0 GiB of it for its fork and up to 512.0 MiB held by fork children, mode 2; ",
            EventNote.Of(
                Redis with
                {
                    Constraint = Constraint.CommitCharge,
                    OwnBytes = 1_073_741_824,
                    ForkChildBytes = 536_870_912,
                },
                overcommitMode: 2,
                isRecovery: false
            ),
            StringComparison.Ordinal
        );

    /// <summary>Nothing is refused on such a node, and no restart is called for.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void What_strict_mode_would_refuse_is_not_said_of_the_kernel(int overcommitMode) =>
        Assert.Equal(
            $"commit charge 23.5 GiB of 22.3 GiB, 1.0 GiB of it for its fork, by the rule of mode 2 on a kernel in mode {overcommitMode}; "
                + "growing 10.0 MiB/min, 11 min left; "
                + "add swap or raise vm.overcommit_ratio before vm.overcommit_memory becomes 2",
            EventNote.Of(
                Redis with
                {
                    Constraint = Constraint.CommitCharge,
                    OwnBytes = 1_073_741_824,
                },
                overcommitMode,
                isRecovery: false
            )
        );

    [Fact]
    public void What_the_heuristic_would_refuse_is_not_said_of_the_kernel() =>
        Assert.Equal(
            "largest mapping 23.5 GiB of 22.3 GiB, by the rule of mode 0 on a kernel in mode 1; "
                + "growing 10.0 MiB/min, 11 min left; add swap or MADV_DONTFORK before vm.overcommit_memory becomes 0",
            EventNote.Of(Redis, overcommitMode: 1, isRecovery: false)
        );

    [Fact]
    public void A_recovery_needs_no_remedy() =>
        Assert.Equal(
            "largest mapping 23.5 GiB of 22.3 GiB, mode 0",
            EventNote.Of(Redis, overcommitMode: 0, isRecovery: true)
        );

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    [InlineData(-10_485_760L)]
    public void What_does_not_grow_has_no_time_left(long? growth) =>
        Assert.Equal(
            "largest mapping 23.5 GiB of 22.3 GiB, mode 0; "
                + "add swap, MADV_DONTFORK, or restart it in time (see forkguard check 4711)",
            EventNote.Of(Redis with { GrowthBytesPerMinute = growth }, overcommitMode: 0, isRecovery: false)
        );

    [Fact]
    public void What_is_not_known_is_left_out() =>
        Assert.Equal(
            "largest mapping 23.5 GiB, mode 0; growing 10.0 MiB/min; "
                + "add swap, MADV_DONTFORK, or restart it in time (see forkguard check 4711)",
            EventNote.Of(Redis with { LimitBytes = null, SecondsToLimit = null }, overcommitMode: 0, isRecovery: false)
        );
}
