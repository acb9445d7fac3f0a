using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>What check advises, by the kind of mapping.</summary>
[Trait("Needs", "Machine")]
public class AdviceTests
{
    [Theory]
    [InlineData(VictimLayout.Merged)]
    [InlineData(VictimLayout.Memfd)]
    public async Task Every_remedy_is_named_for_a_mapping_of_its_own(string layout)
    {
        var said = await SaidOfAsync(layout);
        Assert.Contains("posix_spawn", said, StringComparison.Ordinal);
        Assert.Contains("madvise(MADV_DONTFORK)", said, StringComparison.Ordinal);
        Assert.Contains("MAP_NORESERVE", said, StringComparison.Ordinal);
        Assert.Contains("Add at least 1.0 MiB of swap", said, StringComparison.Ordinal);
        Assert.Contains("sysctl vm.overcommit_memory=1", said, StringComparison.Ordinal);
        Assert.Contains("A restart", said, StringComparison.Ordinal);
        Assert.DoesNotContain("read-only now", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_heap_is_not_to_be_mapped_otherwise()
    {
        var said = await SaidOfAsync(VictimLayout.Brk);
        Assert.Contains("[heap]", said, StringComparison.Ordinal);
        Assert.Contains("madvise(MADV_DONTFORK)", said, StringComparison.Ordinal);
        Assert.DoesNotContain("MAP_NORESERVE", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_mapping_that_was_written_once_it_is_said_why_it_still_counts()
    {
        var said = await SaidOfAsync(VictimLayout.WrittenReadOnly);
        Assert.Contains("are read-only now but were writable once", said, StringComparison.Ordinal);
        Assert.Contains("munmap", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_swap_that_is_advised_is_enough()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        var pages = MemoryLimit.Pages() + (3L << 20) / Environment.SystemPageSize + 1;
        await using var victim = await Victim.StartAsync(VictimLayout.Merged, pages, cancellationToken: Check.Stop);
        var said = (await Check.InWordsAsync(victim.Pid)).StandardOutput;
        Assert.Contains("Add at least 4.0 MiB of swap", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_can_fork_is_given_no_advice()
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        var words = await Check.InWordsAsync(victim.Pid);
        Assert.DoesNotContain("what to do", words.StandardOutput, StringComparison.Ordinal);
        Assert.Null((await Check.InJsonAsync(victim.Pid)).Json["advice"]);
    }

    // The same sentences in JSON as in words.
    private static async Task<string> SaidOfAsync(string layout)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            layout,
            MemoryLimit.Pages() + 1,
            cancellationToken: Check.Stop
        );
        var words = await Check.InWordsAsync(victim.Pid);
        Assert.Equal(1, words.ExitCode);
        var remedies = (await Check.InJsonAsync(victim.Pid)).Json["advice"]!.AsArray();
        Assert.All(
            remedies,
            remedy => Assert.Contains($"    - {(string)remedy!}\n", words.StandardOutput, StringComparison.Ordinal)
        );
        return words.StandardOutput;
    }
}
