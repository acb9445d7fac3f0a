using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>Section 9 of the specification: what the rule says and what fork really did, on this kernel and in its mode.</summary>
[Trait("Needs", "Machine")]
public sealed class VerdictTests
{
    public static TheoryData<string, long> Rows => [.. Section9.Rows];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task The_verdict_is_what_fork_does(string layout, long pages)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(layout, pages, cancellationToken: cancellation);
        var state = Live.State();
        if (victim.BuildFailure is { } errno)
        {
            // Strict mode refuses the layout itself, which then has no fork to judge.
            Assert.Equal((OvercommitMode.Strict, Errno.NoMemory), (state.Mode, errno));
            return;
        }

        var reading = Live.Inspect(victim.Pid);
        var forked = await victim.ForkAsync(cancellation);

        Assert.Equal(ReadStatus.Ok, reading.Status);
        Assert.Equal(Section9.ExpectedErrno(layout, pages) ?? forked, forked);
        if (state.Mode == OvercommitMode.Always)
        {
            Assert.Equal(Verdict.NotApplicable, reading.Assessment.Verdict);
        }
        else if (reading.Assessment.IsExact)
        {
            var isRefused = forked == Errno.NoMemory;
            Assert.Equal(isRefused ? Verdict.CannotFork : Verdict.CanFork, reading.Assessment.Verdict);
        }
        else
        {
            Assert.False(state.Mode == OvercommitMode.Heuristic && state.Release.HasTotalMemoryRule, $"{reading}");
        }
    }

    [Theory]
    [InlineData(VictimLayout.OneMapping)]
    [InlineData(VictimLayout.Mremap)]
    [InlineData(VictimLayout.WrittenNone)]
    public async Task The_mapping_told_is_the_one_that_is_too_large(string layout)
    {
        await using var victim = await Victim.StartAsync(
            layout,
            MemoryLimit.Pages() + 1,
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.SkipWhen(
            victim.BuildFailure is not null || Live.State().Mode != OvercommitMode.Heuristic,
            "only mode 0 judges the largest mapping"
        );

        var mapping = Live.Inspect(victim.Pid).Mapping;

        Assert.Equal((victim.Range.Start, victim.Range.End), (mapping.Start, mapping.End));
        Assert.Equal(layout != VictimLayout.WrittenNone, mapping.IsWritable);
    }

    [Fact]
    public async Task Madvise_makes_it_fork_again_and_back_though_the_ranges_stay()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() + 1,
            cancellationToken: cancellation
        );
        Assert.SkipWhen(
            victim.BuildFailure is not null || Live.State().Mode != OvercommitMode.Heuristic,
            "only mode 0 refuses one large mapping"
        );
        Assert.Equal(Verdict.CannotFork, Live.Inspect(victim.Pid).Assessment.Verdict);

        await victim.DontForkAsync(cancellation);
        Assert.Equal(
            (Verdict.CanFork, Errno.None),
            (Live.Inspect(victim.Pid).Assessment.Verdict, await victim.ForkAsync(cancellation))
        );

        await victim.DoForkAsync(cancellation);
        Assert.Equal(
            (Verdict.CannotFork, Errno.NoMemory),
            (Live.Inspect(victim.Pid).Assessment.Verdict, await victim.ForkAsync(cancellation))
        );
    }

    [Fact]
    public async Task What_does_not_copy_the_memory_is_never_refused()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() + 1,
            cancellationToken: cancellation
        );
        Assert.SkipWhen(victim.BuildFailure is not null, "strict mode grants no mapping of that size");

        Assert.Equal(
            (Errno.None, Errno.None, Errno.None),
            (
                await victim.VforkAsync(cancellation),
                await victim.SpawnAsync(cancellation),
                await victim.ThreadAsync(cancellation)
            )
        );
    }
}
