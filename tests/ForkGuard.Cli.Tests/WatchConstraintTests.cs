using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>watch of every constraint, and of what it emits when.</summary>
[Trait("Needs", "Machine")]
public class WatchConstraintTests
{
    [Fact]
    public async Task A_refusal_now_is_emitted_without_a_hold()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 3600);
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        await using var watch = folder.Watch();
        var line = await watch.WaitForLineAsync(
            l => l.Contains(" ForkImpossible ", StringComparison.Ordinal),
            cancellationToken: Check.Stop
        );
        Assert.Contains($"{folder.Command} ({victim.Pid})", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_leak_of_several_processes_is_one_event_with_their_number()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand();
        await using var first = await folder.StartVictimAsync(MemoryLimit.Pages() * 3 / 4);
        await using var second = await folder.StartVictimAsync(MemoryLimit.Pages() * 3 / 4);
        await using var third = await folder.StartVictimAsync(MemoryLimit.Pages() * 3 / 4);
        var result = await folder.WatchOnceAsync();
        var line = Assert.Single(
            result.StandardOutput.Split('\n'),
            l => l.Contains(folder.Command, StringComparison.Ordinal) && l.Contains(" Fork", StringComparison.Ordinal)
        );
        Assert.Contains("the worst of 3 processes", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cgroup_at_its_pids_limit_is_emitted()
    {
        await using var cgroup = TestCgroup.Create();
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await folder.StartVictimAsync(1);
        cgroup.Add(victim.Pid);
        cgroup.SetMax(1);
        var result = await folder.WatchOnceAsync();
        Assert.Matches($@" ForkImpossible {folder.Command} \({victim.Pid}\).*1 of 1", result.StandardOutput);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task A_watch_that_names_constraints_evaluates_no_other()
    {
        await using var cgroup = TestCgroup.Create();
        using var folder = new WatchFolder();
        folder.WriteHost("host", $"{{commands: [{folder.Command}]}}\n  constraints: [LargestMapping]");
        await using var victim = await folder.StartVictimAsync(1);
        cgroup.Add(victim.Pid);
        cgroup.SetMax(1);
        var result = await folder.WatchOnceAsync();
        Assert.DoesNotContain("ForkImpossible", result.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("2>&-", "nosuch", 2)]
    [InlineData("2>/dev/full", "nosuch", 2)]
    [InlineData(">/dev/full 2>/dev/full", "check 1", 3)]
    [InlineData("2>&-", "watch --once -f /no/such", 2)]
    public async Task A_standard_error_that_cannot_be_written_changes_no_exit_code(
        string redirections,
        string arguments,
        int exitCode
    )
    {
        var result = await CliWrap
            .Cli.Wrap("/bin/sh")
            .WithArguments(["-c", $"exec \"$0\" {arguments} {redirections}", ForkGuardBinary.Path])
            .WithValidation(CliWrap.CommandResultValidation.None)
            .ExecuteAsync(Check.Stop);
        Assert.Equal(exitCode, result.ExitCode);
    }
}
