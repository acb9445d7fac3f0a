using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>check of several, unusual and hostile processes.</summary>
[Trait("Needs", "Machine")]
public class CheckProcessTests
{
    private const long KernelThread = 0x0020_0000;

    [Fact]
    public async Task What_does_not_copy_memory_works_although_fork_cannot()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await TooLargeAsync();
        Assert.Equal("CannotFork", (await Check.InJsonAsync(victim.Pid)).Verdict);
        Assert.Equal(Errno.NoMemory, await victim.ForkAsync(Check.Stop));
        Assert.Equal(Errno.None, await victim.VforkAsync(Check.Stop));
        Assert.Equal(Errno.None, await victim.SpawnAsync(Check.Stop));
        Assert.Equal(Errno.None, await victim.ThreadAsync(Check.Stop));
    }

    [Fact]
    public async Task Of_several_processes_the_worst_answer_is_the_exit_code()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var small = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        await using var large = await TooLargeAsync();
        var gone = await GonePidAsync();
        Assert.Equal(0, (await Check.InWordsAsync(small.Pid, small.Pid)).ExitCode);
        Assert.Equal(1, (await Check.InWordsAsync(large.Pid, small.Pid)).ExitCode);
        Assert.Equal(3, (await Check.InWordsAsync(gone, large.Pid, small.Pid)).ExitCode);
        Assert.Equal(3, (await Check.InWordsAsync(small.Pid, gone)).ExitCode);
    }

    [Fact]
    public async Task Several_processes_are_answered_in_the_order_they_were_asked()
    {
        await using var first = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        await using var second = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        string[] arguments = ["check", "-o", "json", Check.Text(second.Pid), Check.Text(first.Pid)];
        var result = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        Assert.Equal([second.Pid, first.Pid], Check.Objects(result).Select(o => (int)o["pid"]!));
    }

    [Fact]
    public async Task A_process_that_is_gone_is_said_to_be_gone()
    {
        var gone = await GonePidAsync();
        var json = await Check.InJsonAsync(gone);
        Assert.Equal(("Unknown", 3, "there is no such process"), (json.Verdict, json.ExitCode, json.Problem));
        var words = await Check.InWordsAsync(gone);
        Assert.Equal(($"{gone}: there is no such process\n", 3), (words.StandardOutput, words.ExitCode));
    }

    [Fact]
    public async Task A_kernel_thread_has_no_memory_to_copy()
    {
        Assert.SkipUnless(IsKernelThread(2), "asks for a view of the kernel's threads: process 2 is none here");
        var answer = await Check.InJsonAsync(2);
        Assert.Equal(("NotApplicable", 0), (answer.Verdict, answer.ExitCode));
        Assert.Contains("kernel thread", answer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zombie_has_no_memory_to_copy()
    {
        await using var zombie = await Zombie.StartAsync(Check.Stop);
        var answer = await Check.InJsonAsync(zombie.Pid);
        Assert.Equal(("NotApplicable", 0), (answer.Verdict, answer.ExitCode));
        Assert.Contains("zombie", answer.Problem, StringComparison.Ordinal);
        var words = await Check.InWordsAsync(zombie.Pid);
        Assert.StartsWith($"sleep ({zombie.Pid}): not applicable", words.StandardOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a) b (c\n", @"a) b (c\u000a")]
    [InlineData("\u001b[31mred", @"\u001b[31mred")]
    [InlineData(") R 1 1 1", ") R 1 1 1")]
    public async Task A_hostile_name_is_escaped_in_words_and_itself_in_JSON(string name, string escaped)
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, name, cancellationToken: Check.Stop);
        var json = await Check.InJsonAsync(victim.Pid);
        Assert.Equal((name, victim.Pid), ((string?)json.Json["command"], (int)json.Json["pid"]!));
        var words = await Check.InWordsAsync(victim.Pid);
        Assert.StartsWith($"{escaped} ({victim.Pid}): ", words.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', words.StandardOutput);
    }

    /// <summary>The main thread has exited, so that the process is in state Z, and another thread goes on.</summary>
    [Fact]
    public async Task A_process_without_its_main_thread_is_evaluated_by_one_that_lives()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await TooLargeAsync();
        Assert.Equal(Errno.None, await victim.LeaveMainThreadAsync(Check.Stop));
        await Condition.HoldsAsync(
            () => File.ReadAllText($"/proc/{victim.Pid}/stat").Contains(") Z ", StringComparison.Ordinal),
            "the main thread has exited",
            Check.Stop
        );

        var answer = await Check.InJsonAsync(victim.Pid);
        var words = await Check.InWordsAsync(victim.Pid);
        Assert.Equal(Errno.NoMemory, await victim.ForkAsync(Check.Stop));
        Assert.Equal(("CannotFork", "Exact", 1), (answer.Verdict, answer.Confidence, answer.ExitCode));
        Assert.Contains($"({victim.Pid}): CANNOT FORK\n", words.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(1, words.ExitCode);
        Assert.Equal(Errno.None, await victim.FreeAsync(Check.Stop));
        var later = await Check.InJsonAsync(victim.Pid);
        Assert.Equal(("CanFork", 0), (later.Verdict, later.ExitCode));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_probe_agrees_with_the_verdict_at_the_limit_and_above(int pagesAbove)
    {
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            RunningKernel.OvercommitMode == 2 ? 1 : MemoryLimit.Pages() + pagesAbove,
            cancellationToken: Check.Stop
        );
        if (RunningKernel.OvercommitMode == 2)
        {
            string[] arguments = ["check", Check.Text(victim.Pid), "--probe"];
            var refused = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("--probe is refused in mode 2", refused.StandardError, StringComparison.Ordinal);
            return;
        }

        var probe = (await Check.InJsonAsync(victim.Pid, more: "--probe")).Json["probe"];
        if (Machine.HasFixedLimit)
        {
            Assert.Equal(victim.Range.Pages * Environment.SystemPageSize, (long)probe!["bytes"]!);
            Assert.Equal(pagesAbove == 0 ? Errno.None : Errno.NoMemory, (int)probe["errno"]!);
            Assert.True((bool)probe["agrees"]!);
        }
    }

    private static Task<Victim> TooLargeAsync() =>
        Victim.StartAsync(VictimLayout.Merged, MemoryLimit.Pages() + 1, cancellationToken: Check.Stop);

    private static async Task<int> GonePidAsync()
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        return victim.Pid;
    }

    // Field 9 of proc_pid_stat(5), PF_KTHREAD in include/linux/sched.h.
    private static bool IsKernelThread(int pid)
    {
        var file = $"/proc/{pid}/stat";
        return File.Exists(file)
            && (
                long.Parse(
                    File.ReadAllText(file).Split(") ")[^1].Split(' ')[6],
                    System.Globalization.CultureInfo.InvariantCulture
                ) & KernelThread
            ) != 0;
    }
}
