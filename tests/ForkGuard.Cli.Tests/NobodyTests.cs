using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>Without root: what cannot be read is said and bounded, and never called fine.</summary>
[Trait("Needs", "Machine")]
public class NobodyTests
{
    public NobodyTests()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        Machine.MustLetTheTestsBecomeNobody();
    }

    [Fact]
    public async Task Above_the_limit_an_unreadable_process_is_unknown_and_bounded_by_its_size()
    {
        await using var victim = await LargeAsync();
        var answer = await Check.InJsonAsync(victim.Pid, asNobody: true);
        Assert.Equal(("Unknown", null, 3), (answer.Verdict, answer.Confidence, answer.ExitCode));
        Assert.True(answer.IsBound);
        Assert.Equal(SizeOf(victim), answer.UsedBytes);
        Assert.Null(answer.Mapping);
        Assert.Contains("CAP_SYS_PTRACE", answer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_words_it_is_said_what_could_not_be_read_and_what_that_takes()
    {
        await using var victim = await LargeAsync();
        var said = await WordsAsync(victim);
        Assert.Equal(3, said.ExitCode);
        Assert.StartsWith($"victim ({victim.Pid}): unknown\n", said.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("its mappings may not be read", said.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("takes root or CAP_SYS_PTRACE", said.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("at most ", said.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("CANNOT FORK", said.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotMatch("LargestMapping .*exact", said.StandardOutput);
    }

    [Fact]
    public async Task Of_a_small_unreadable_process_the_accounting_is_bounded_and_the_rest_is_unknown()
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        var answer = await Check.InJsonAsync(victim.Pid, asNobody: true);
        Assert.Equal(("Unknown", null, 3), (answer.Verdict, answer.Confidence, answer.ExitCode));
        Assert.NotNull(answer.Constraint("PidNamespace")!["problem"]);
        Assert.Equal((true, SizeOf(victim)), (answer.IsBound, answer.UsedBytes));
        var said = await WordsAsync(victim);
        Assert.Matches("LargestMapping +at most ", said.StandardOutput);
        Assert.Matches("PidNamespace +unknown: ", said.StandardOutput);
        Assert.Contains("upper bound", said.StandardOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "CanFork", 0)]
    [InlineData(1, "CannotFork", 1)]
    public async Task A_process_of_the_same_user_is_evaluated_exactly(int pagesAbove, string verdict, int exitCode)
    {
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            MemoryLimit.Pages() + pagesAbove,
            asNobody: true,
            cancellationToken: Check.Stop
        );
        var answer = await Check.InJsonAsync(victim.Pid, asNobody: true);
        Assert.Equal((verdict, "Exact", exitCode), (answer.Verdict, answer.Confidence, answer.ExitCode));
        Assert.Equal(victim.Range, answer.Mapping);
        Assert.Equal(pagesAbove == 0 ? Errno.None : Errno.NoMemory, await victim.ForkAsync(Check.Stop));
    }

    [Fact]
    public async Task Top_shows_the_bound_as_one()
    {
        await using var victim = await LargeAsync();
        var top = await TopAsync();
        var row = Assert.Single(
            top.StandardOutput.Split('\n'),
            line => line.TrimStart().StartsWith($"{victim.Pid} ", StringComparison.Ordinal)
        );
        Assert.Contains("≤100", row, StringComparison.Ordinal);
        Assert.Contains("Unknown", row, StringComparison.Ordinal);
        Assert.Equal(0, top.ExitCode);
    }

    [Fact]
    public async Task Top_counts_what_it_could_not_read()
    {
        await using var victim = await LargeAsync();
        Assert.Matches("[1-9][0-9]* could not be read", (await TopAsync()).StandardOutput);
    }

    [Fact]
    public async Task Watch_counts_what_it_could_not_read_and_says_what_that_takes()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        var words = await folder.WatchOnceAsync(asNobody: true);
        Assert.Matches(@"[1-9][0-9]* could not be read \(needs root or CAP_SYS_PTRACE\)", words.StandardOutput);
        Assert.DoesNotContain("ForkImpossible", words.StandardOutput, StringComparison.Ordinal);
        var json = Check.Objects(await folder.WatchOnceAsync(asNobody: true, format: "json"));
        Assert.NotEqual(0, (int)json[1]["scan"]!["unreadable"]!);
    }

    /// <summary>A script that looks at the exit code alone must not take it for fine.</summary>
    [Fact]
    public async Task Watch_once_does_not_end_with_0_when_what_it_watches_could_not_be_judged()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        var result = await folder.WatchOnceAsync(asNobody: true);
        Assert.NotEqual(0, result.ExitCode);
    }

    private static Task<Victim> LargeAsync() =>
        Victim.StartAsync(VictimLayout.Merged, MemoryLimit.Pages() + 1, cancellationToken: Check.Stop);

    private static Task<ProgramResult> TopAsync() =>
        ForkGuardBinary.RunAsync(["top"], asNobody: true, cancellationToken: Check.Stop);

    private static Task<ProgramResult> WordsAsync(Victim victim) =>
        ForkGuardBinary.RunAsync(["check", Check.Text(victim.Pid)], asNobody: true, cancellationToken: Check.Stop);

    /// <summary>The first field of statm, which everyone may read.</summary>
    private static long SizeOf(Victim victim)
    {
        var pages = File.ReadAllText($"/proc/{victim.Pid}/statm").Split(' ')[0];
        return long.Parse(pages, System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }
}
