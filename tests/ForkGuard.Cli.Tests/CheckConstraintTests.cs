using System.Diagnostics;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>check of every constraint beside the accounting of memory, against real forks.</summary>
[Trait("Needs", "Machine")]
public class CheckConstraintTests
{
    private const int AccessDenied = 13;

    // A user of its own with a limit of one process, which prints the errno of a fork and waits for its standard input to end.
    private static readonly string[] LimitedUser =
    [
        "--reuid",
        "61324",
        "--clear-groups",
        "prlimit",
        "--nproc=1",
        "perl",
        "-e",
        "$| = 1; my $child = fork; exit if defined $child && !$child; print defined $child ? 0 : $! + 0, qq(\n); <STDIN>",
    ];

    [Fact]
    public async Task Shows_every_constraint_that_applies()
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        var answer = await Check.InJsonAsync(victim.Pid);
        Assert.All(["Threads", "PidSpace"], type => Assert.NotNull(answer.Constraint(type)));
        var words = (await Check.InWordsAsync(victim.Pid)).StandardOutput;
        Assert.Matches(@"Threads +\d+ of \d+ tasks, \d+ %, exact", words);
        Assert.Matches(@"fork time +[0-9.]+ to [0-9.]+ ms .*an estimate", words);
        Assert.Matches(@"snapshot +room [0-9.]+ [KMGT]iB, a save may need up to [0-9.]+ [KMGT]iB", words);
        Assert.NotNull(answer.Json["snapshot"]!["worstCaseBytes"]);
        Assert.InRange(
            (double)answer.Json["forkTimeMilliseconds"]!["low"]!,
            0,
            (double)answer.Json["forkTimeMilliseconds"]!["high"]!
        );
    }

    [Fact]
    public async Task A_cgroup_that_is_full_of_page_cache_shows_what_reclaim_adds_to_its_room()
    {
        var file = Path.GetTempFileName();
        await using var cgroup = MemoryCgroup.Create();
        using var writer = Process.Start(
            new ProcessStartInfo(
                "sh",
                [
                    "-c",
                    "read -r _; dd if=/dev/zero of=$0 bs=1M count=24 conv=fsync status=none; echo $?; read -r _",
                    file,
                ]
            )
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        cgroup.Add(writer.Id);
        cgroup.LimitToRoom(16 << 20);
        await writer.StandardInput.WriteLineAsync();
        Assert.Equal("0", await writer.StandardOutput.ReadLineAsync(Check.Stop));

        var answer = await Check.InJsonAsync(writer.Id);
        var words = (await Check.InWordsAsync(writer.Id)).StandardOutput;

        writer.StandardInput.Close();
        await writer.WaitForExitAsync(Check.Stop);
        File.Delete(file);
        Assert.InRange((long)answer.Json["snapshot"]!["roomBytes"]!, 0, 4 << 20);
        Assert.InRange((long)answer.Json["snapshot"]!["reclaimableBytes"]!, 8 << 20, 16 << 20);
        Assert.Matches(@"snapshot +room [0-9.]+ [KM]?i?B and up to [0-9.]+ MiB by reclaim and swap, a save", words);
    }

    [Fact]
    public async Task At_pids_max_a_fork_is_refused_and_one_below_it_is_not()
    {
        await using var cgroup = TestCgroup.Create();
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        cgroup.Add(victim.Pid);
        cgroup.SetMax(2);
        var below = await Check.InJsonAsync(victim.Pid);
        Assert.Equal(("CanFork", 0), (below.Verdict, below.ExitCode));
        Assert.Equal(Errno.None, await victim.ForkAsync(Check.Stop));

        cgroup.SetMax(1);
        var at = await Check.InJsonAsync(victim.Pid);
        Assert.Equal(Errno.TryAgain, await victim.ForkAsync(Check.Stop));
        Assert.Equal(("CannotFork", "Exact", 1), (at.Verdict, at.Confidence, at.ExitCode));
        Assert.Equal(("Pids", 100), ((string?)at.Json["bindingConstraint"], (int)at.Json["percent"]!));
        Assert.Equal($"/{Path.GetFileName(cgroup.Directory)}", (string?)at.Constraint("Pids")!["scopeName"]);
        var words = (await Check.InWordsAsync(victim.Pid)).StandardOutput;
        Assert.Contains($"victim ({victim.Pid}): CANNOT FORK\n  Pids ", words, StringComparison.Ordinal);
        Assert.Contains("what to do", words, StringComparison.Ordinal);

        cgroup.SetMax(0);
        var none = (await Check.InWordsAsync(victim.Pid)).StandardOutput;
        Assert.Matches(@"Pids +1 of 0 tasks \(cgroup [^)]*\), exact: refuses", none);
    }

    [Fact]
    public async Task Over_the_process_limit_of_its_user_a_fork_is_refused()
    {
        Machine.MustLetTheTestsBecomeNobody();
        using var limited = Process.Start(
            new ProcessStartInfo("setpriv", LimitedUser)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        Assert.Equal($"{Errno.TryAgain}", await limited.StandardOutput.ReadLineAsync(Check.Stop));
        var answer = await Check.InJsonAsync(limited.Id);
        limited.StandardInput.Close();
        await limited.WaitForExitAsync(Check.Stop);
        Assert.Equal(("CannotFork", 1), (answer.Verdict, answer.ExitCode));
        Assert.Equal("UserProcesses", (string?)answer.Json["bindingConstraint"]);
        Assert.Equal(1, (long)answer.Constraint("UserProcesses")!["limit"]!);
    }

    [Fact]
    public async Task A_seccomp_filter_takes_the_certainty_from_a_verdict()
    {
        var program = await CProgram.BuildAsync("seccomp", "seccomp");
        using var filtered = Process.Start(
            new ProcessStartInfo(program)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        Assert.Equal($"ready {AccessDenied}", await filtered.StandardOutput.ReadLineAsync(Check.Stop));
        var answer = await Check.InJsonAsync(filtered.Id);
        Assert.Equal(("CanFork", "Estimate", 0), (answer.Verdict, answer.Confidence, answer.ExitCode));
        Assert.Equal("Seccomp", (string?)Assert.Single(answer.Json["notChecked"]!.AsArray()));
        var words = (await Check.InWordsAsync(filtered.Id)).StandardOutput;
        Assert.Contains("can fork, as far as can be read", words, StringComparison.Ordinal);
        Assert.Contains("a seccomp filter is active and may refuse a fork", words, StringComparison.Ordinal);
        filtered.StandardInput.Close();
        await filtered.WaitForExitAsync(Check.Stop);
    }

    [Fact]
    public async Task A_process_whose_scheduling_policy_refuses_forks_cannot_fork()
    {
        var program = await CProgram.BuildAsync("forker", "forker");
        using var forker = Process.Start(
            new ProcessStartInfo(program)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        await forker.StandardInput.WriteLineAsync("deadline 0\nfork".AsMemory(), Check.Stop);
        await forker.StandardInput.FlushAsync(Check.Stop);
        Assert.Equal("deadline 0 0", await forker.StandardOutput.ReadLineAsync(Check.Stop));
        Assert.Equal($"fork {Errno.TryAgain} -1", await forker.StandardOutput.ReadLineAsync(Check.Stop));

        var answer = await Check.InJsonAsync(forker.Id);
        var words = (await Check.InWordsAsync(forker.Id)).StandardOutput;
        forker.StandardInput.Close();
        await forker.WaitForExitAsync(Check.Stop);

        Assert.Equal(("CannotFork", "Exact", 1), (answer.Verdict, answer.Confidence, answer.ExitCode));
        Assert.Null(answer.Json["notChecked"]);
        Assert.Contains("SCHED_DEADLINE", (string?)answer.Json["refusedByPolicy"], StringComparison.Ordinal);
        Assert.Contains("CANNOT FORK", words, StringComparison.Ordinal);
        Assert.Contains("every thread has SCHED_DEADLINE", words, StringComparison.Ordinal);
        Assert.Contains("chrt --reset-on-fork", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_verdict_there_is_no_confidence()
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        await victim.DisposeAsync();
        var answer = await Check.InJsonAsync(victim.Pid);
        Assert.Equal(("Unknown", null, 3), (answer.Verdict, answer.Confidence, answer.ExitCode));
    }

    /// <summary>An event says to ask check: at the same level it has the same advice.</summary>
    [Fact]
    public async Task Advises_from_the_warning_level_on()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            MemoryLimit.Pages() * 76 / 100,
            cancellationToken: Check.Stop
        );
        var answer = await Check.InJsonAsync(victim.Pid);
        Assert.Equal(("CanFork", 0), (answer.Verdict, answer.ExitCode));
        Assert.NotEmpty(answer.Json["advice"]!.AsArray());
        Assert.Contains("what to do", (await Check.InWordsAsync(victim.Pid)).StandardOutput, StringComparison.Ordinal);
    }
}
