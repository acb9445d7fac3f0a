using System.Diagnostics;
using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>Programs that start others by posix_spawn or vfork, which copy no memory.</summary>
[Trait("Needs", "Machine")]
public sealed class SpawningProgramTests
{
    private const string NearlyUsed = "RLIMIT_AS (ulimit -v) is nearly used up, which refuses them as well";

    /// <summary>The verdict is about fork(2), however the program starts others.</summary>
    [Fact]
    public async Task Has_one_verdict_and_one_event_and_the_advice_says_that_spawning_goes_on_working()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        Assert.Equal(Errno.None, await victim.SpawnAsync(Check.Stop));
        Assert.Equal(Errno.None, await victim.VforkAsync(Check.Stop));
        Assert.Equal(Errno.NoMemory, await victim.ForkAsync(Check.Stop));

        var answer = await Check.InJsonAsync(victim.Pid);
        Assert.Equal(("CannotFork", "Exact", 1), (answer.Verdict, answer.Confidence, answer.ExitCode));
        Assert.Contains(
            "Programs that start others by posix_spawn or vfork (Go, Java by default, Python's subprocess) go on working",
            AdviceOf(answer),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(NearlyUsed, AdviceOf(answer), StringComparison.Ordinal);

        var watch = await folder.WatchOnceAsync();
        var line = Assert.Single(
            watch.StandardOutput.Split('\n'),
            line => line.Contains($"{folder.Command} (", StringComparison.Ordinal) && !IsScan(line)
        );
        Assert.Contains($" ForkImpossible {folder.Command} ({victim.Pid})", line, StringComparison.Ordinal);
    }

    /// <summary>posix_spawn(3) maps a stack for the child, which RLIMIT_AS refuses; the limit is not asked about a fork.</summary>
    [Fact]
    public async Task Under_an_address_space_limit_that_is_used_up_the_advice_does_not_promise_that_spawning_works()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            MemoryLimit.Pages() + 1,
            cancellationToken: Check.Stop
        );
        await LimitAddressSpaceAsync(victim.Pid, SizeOf(victim.Pid) * 2);
        Assert.Equal(Errno.None, await victim.SpawnAsync(Check.Stop));
        Assert.DoesNotContain(NearlyUsed, AdviceOf(await Check.InJsonAsync(victim.Pid)), StringComparison.Ordinal);

        await LimitAddressSpaceAsync(victim.Pid, SizeOf(victim.Pid));
        Assert.Equal(Errno.NoMemory, await victim.SpawnAsync(Check.Stop));
        Assert.Contains(NearlyUsed, AdviceOf(await Check.InJsonAsync(victim.Pid)), StringComparison.Ordinal);
        var words = (await Check.InWordsAsync(victim.Pid)).StandardOutput;
        Assert.Contains(NearlyUsed, words, StringComparison.Ordinal);
        Assert.DoesNotContain("go on working", words, StringComparison.Ordinal);
    }

    /// <summary>A shell sets the limit before it starts the program, as a batch system does.</summary>
    [Fact]
    public async Task The_limit_of_a_shell_counts()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        var program = await CProgram.BuildAsync("victim", "victim");
        var pages = (MemoryLimit.Pages() * 3 / 4).ToString(CultureInfo.InvariantCulture);
        // The victim needs 128 GiB of addresses beside its layout while it looks for room.
        var kibibytes = (MemoryLimit.Pages() * Environment.SystemPageSize * 3 / 4 / 1024) + (128L << 20) + 65536;
        using var limited = Process.Start(
            new ProcessStartInfo(
                "sh",
                ["-c", Text($"ulimit -v {kibibytes}; exec \"$0\" \"$@\""), program, "merged", pages]
            )
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        Assert.StartsWith("ready ", await limited.StandardOutput.ReadLineAsync(Check.Stop), StringComparison.Ordinal);
        var far = AdviceOf(await Check.InJsonAsync(limited.Id));
        await LimitAddressSpaceAsync(limited.Id, SizeOf(limited.Id) * 10 / 9);
        var near = AdviceOf(await Check.InJsonAsync(limited.Id));
        limited.StandardInput.Close();
        await limited.WaitForExitAsync(Check.Stop);

        Assert.DoesNotContain(NearlyUsed, far, StringComparison.Ordinal);
        Assert.Contains(NearlyUsed, near, StringComparison.Ordinal);
    }

    private static string AdviceOf(CheckAnswer answer) =>
        string.Join('\n', answer.Json["advice"]!.AsArray().Select(sentence => (string)sentence!));

    private static bool IsScan(string line) => line.StartsWith("first scan: ", StringComparison.Ordinal);

    /// <summary>Bytes of the address space, proc_pid_statm(5).</summary>
    private static long SizeOf(int pid) =>
        long.Parse(File.ReadAllText(Text($"/proc/{pid}/statm")).Split(' ')[0], CultureInfo.InvariantCulture)
        * Environment.SystemPageSize;

    private static async Task LimitAddressSpaceAsync(int pid, long bytes) =>
        await CliWrap
            .Cli.Wrap("prlimit")
            .WithArguments([Text($"--pid={pid}"), Text($"--as={bytes}:")])
            .ExecuteAsync(Check.Stop);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
