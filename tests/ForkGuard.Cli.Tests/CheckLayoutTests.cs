using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>The verdict against a real fork, to the page.</summary>
[Trait("Needs", "Machine")]
public class CheckLayoutTests
{
    public static TheoryData<string, long> Rows => [.. Section9.Rows];

    public static TheoryData<string> Charged => [.. VictimLayout.Charged];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Check_says_what_fork_does(string layout, long pages)
    {
        await using var victim = await Victim.StartAsync(layout, pages, cancellationToken: Check.Stop);
        if (victim.BuildFailure is { } refused)
        {
            Assert.Equal(2, RunningKernel.OvercommitMode);
            Assert.Equal(Errno.NoMemory, refused);
            return;
        }

        var answer = await Check.InJsonAsync(victim.Pid);
        var errno = await victim.ForkAsync(Check.Stop);
        Assert.Equal(Section9.ExpectedErrno(layout, pages) ?? errno, errno);
        if (RunningKernel.OvercommitMode == 1)
        {
            Assert.Equal(("CanFork", 0), (answer.Verdict, answer.ExitCode));
            Assert.Null(answer.Constraint("LargestMapping"));
        }
        else if (Machine.HasFixedLimit || answer.Confidence == "Exact")
        {
            var expected = errno == Errno.NoMemory ? ("CannotFork", 1) : ("CanFork", 0);
            Assert.Equal(expected, (answer.Verdict, answer.ExitCode));
            Assert.Equal("Exact", answer.Confidence);
            Assert.False(answer.IsBound);
        }
    }

    [Theory]
    [MemberData(nameof(Charged))]
    public async Task The_numbers_of_a_single_mapping_are_exact_to_the_page(string layout)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(layout, MemoryLimit.Pages(), cancellationToken: Check.Stop);
        var at = await Check.InJsonAsync(victim.Pid);
        Assert.Equal((100, 0L), (at.Percent, at.HeadroomBytes));
        Assert.Equal(victim.Range, at.Mapping);
        Assert.Equal("LargestMapping", (string?)at.Json["bindingConstraint"]);
        Assert.Equal((100, MemoryLimit.Pages() * Environment.SystemPageSize), Summary(at));
    }

    private static (int Percent, long LimitBytes) Summary(CheckAnswer answer) =>
        ((int)answer.Json["percent"]!, (long)answer.Json["limitBytes"]!);

    [Theory]
    [MemberData(nameof(Charged))]
    public async Task A_page_above_the_limit_the_headroom_is_minus_a_page(string layout)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        var pages = MemoryLimit.Pages() + 1;
        await using var victim = await Victim.StartAsync(layout, pages, cancellationToken: Check.Stop);
        var above = await Check.InJsonAsync(victim.Pid);
        Assert.Equal((100, -(long)Environment.SystemPageSize), (above.Percent, above.HeadroomBytes));
        Assert.Equal(pages * Environment.SystemPageSize, above.UsedBytes);
        Assert.Equal(victim.Range, above.Mapping);
    }

    [Fact]
    public async Task Advice_for_a_page_in_the_middle_leaves_the_larger_half_as_the_mapping()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.DontForkMiddle,
            MemoryLimit.Pages() + 1,
            cancellationToken: Check.Stop
        );
        var answer = await Check.InJsonAsync(victim.Pid);
        Assert.Equal(victim.Range, answer.Mapping);
        Assert.InRange(answer.Percent, 49, 50);
    }

    [Theory]
    [InlineData(VictimLayout.NoReserve)]
    [InlineData(VictimLayout.DontFork)]
    [InlineData(VictimLayout.Reserved)]
    [InlineData(VictimLayout.Shared)]
    public async Task What_fork_does_not_charge_is_not_counted(string layout)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            layout,
            MemoryLimit.Pages() + 1,
            cancellationToken: Check.Stop
        );
        var answer = await Check.InJsonAsync(victim.Pid);
        Assert.Equal(0, answer.Percent);
        Assert.NotEqual(victim.Range, answer.Mapping);
    }
}
