using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary><c>--proc DIR</c>: the same verdict from copied files, and never a better one from fewer of them.</summary>
[Trait("Needs", "Machine")]
public class CapturedProcTests
{
    [Theory]
    [InlineData(VictimLayout.Merged, 0)]
    [InlineData(VictimLayout.Merged, 1)]
    [InlineData(VictimLayout.DontFork, 1)]
    [InlineData(VictimLayout.Brk, 1)]
    [InlineData(VictimLayout.NoReserve, 1)]
    public async Task The_copy_is_judged_as_the_process_was(string layout, int pagesAbove)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            layout,
            MemoryLimit.Pages() + pagesAbove,
            cancellationToken: Check.Stop
        );
        var live = await Check.InJsonAsync(victim.Pid);
        using var captured = CapturedProc.Of(victim.Pid);
        await victim.DisposeAsync();

        var offline = await captured.CheckAsync();
        Assert.Equal(live.Accounting.ToJsonString(), offline.Accounting.ToJsonString());
        Assert.Equal((live.Verdict, live.ExitCode), (offline.Verdict, offline.ExitCode));
    }

    /// <summary>The files of one process prove nothing about cgroups and the other processes.</summary>
    [Fact]
    public async Task A_copy_says_which_constraints_it_cannot_show()
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        using var captured = CapturedProc.Of(victim.Pid);
        var answer = await captured.CheckAsync();
        Assert.Equal(("CanFork", "Estimate"), (answer.Verdict, answer.Confidence));
        var notChecked = answer.Json["notChecked"]!.AsArray().Select(name => (string)name!);
        Assert.Contains("Pids", notChecked);
        Assert.Null(answer.Constraint("Pids"));
    }

    /// <summary>Cut within the flags, what is left of them says that the mapping is not charged.</summary>
    [Fact]
    public async Task Wherever_the_flags_are_cut_short_the_verdict_is_unknown()
    {
        using var captured = await CaptureTooLargeAsync();
        var (start, end) = captured.Flags;
        for (var cut = end - 2; cut >= start; cut--)
        {
            captured.Proc.CutSmaps(cut);
            MustBeUnknownWithABound(await captured.Proc.CheckAsync(), $"smaps of {cut} bytes, flags from {start}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(25)]
    [InlineData(50)]
    [InlineData(75)]
    [InlineData(100)]
    public async Task Cut_short_before_the_flags_the_verdict_is_unknown(int percent)
    {
        using var captured = await CaptureTooLargeAsync();
        captured.Proc.CutSmaps(captured.Flags.Start * percent / 100);
        MustBeUnknownWithABound(await captured.Proc.CheckAsync(), $"{percent} %");
    }

    [Fact]
    public async Task Without_smaps_the_verdict_is_unknown_and_says_why()
    {
        using var captured = await CaptureTooLargeAsync();
        File.Delete(captured.Proc.FileOf("smaps"));
        MustBeUnknownWithABound(await captured.Proc.CheckAsync(), "no smaps");
        var words = await captured.Proc.CheckInWordsAsync();
        Assert.Contains("smaps with VmFlags is missing", words.StandardOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("statm")]
    [InlineData("maps")]
    public async Task An_empty_file_is_never_called_fine(string file)
    {
        using var captured = await CaptureTooLargeAsync();
        File.WriteAllText(captured.Proc.FileOf(file), "");
        var answer = await captured.Proc.CheckAsync();
        Assert.Equal(("Unknown", 3), (answer.Verdict, answer.ExitCode));
    }

    [Fact]
    public async Task Without_smaps_a_process_within_the_limit_can_fork_by_its_bound()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            MemoryLimit.Pages(),
            cancellationToken: Check.Stop
        );
        using var captured = CapturedProc.Of(victim.Pid);
        File.Delete(captured.FileOf("smaps"));
        var answer = await captured.CheckAsync();
        Assert.Equal(("CanFork", 0, true), (answer.Verdict, answer.ExitCode, answer.IsBound));
    }

    [Theory]
    [InlineData("meminfo")]
    [InlineData("sys/vm/overcommit_memory")]
    [InlineData("sys/kernel/osrelease")]
    public async Task A_missing_file_of_the_machine_is_named(string file)
    {
        using var captured = CapturedProc.Of(Environment.ProcessId);
        var path = Path.Combine(captured.Root, file);
        File.Delete(path);
        var result = await captured.CheckInWordsAsync();
        Assert.StartsWith($"forkguard: {path} does not exist", result.StandardError, StringComparison.Ordinal);
        Assert.Equal((3, ""), (result.ExitCode, result.StandardOutput));
    }

    [Fact]
    public async Task A_tree_that_is_not_there_is_named()
    {
        string[] arguments = ["check", "1", "--proc", "/no/such/proc"];
        var result = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        Assert.Contains("/no/such/proc", result.StandardError, StringComparison.Ordinal);
        Assert.Equal((3, ""), (result.ExitCode, result.StandardOutput));
    }

    private static void MustBeUnknownWithABound(CheckAnswer answer, string what)
    {
        Assert.True(
            answer is { Verdict: "Unknown", ExitCode: 3, IsBound: true, Problem: not null },
            $"{what}: {answer.Json.ToJsonString()}"
        );
        Assert.True(
            answer.Accounting["problem"] is not null
                || answer.UsedBytes >= (MemoryLimit.Pages() + 1) * Environment.SystemPageSize,
            answer.Json.ToJsonString()
        );
    }

    private static async Task<Capture> CaptureTooLargeAsync()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            MemoryLimit.Pages() + 1,
            cancellationToken: Check.Stop
        );
        var captured = CapturedProc.Of(victim.Pid);
        return new Capture(captured, captured.FlagsOf(victim.Range));
    }

    private sealed record Capture(CapturedProc Proc, (int Start, int End) Flags) : IDisposable
    {
        public void Dispose() => Proc.Dispose();
    }
}
