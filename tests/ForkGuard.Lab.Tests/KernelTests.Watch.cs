using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests;

public abstract partial class KernelTests
{
    /// <summary>With too little left to start anything, a program that judges would have to run already.</summary>
    [Fact]
    public async Task Only_a_watch_that_runs_already_can_judge_when_nothing_can_start()
    {
        await BeginStrictAsync();
        var victim = await Bench.StartAsync($"areas rw:{_strictPages}");
        await Guest.SpawnAsync("watch", $"{Initramfs.ForkGuard} watch -f {Initramfs.Manifest} --interval 1 -o json");
        Assert.Contains("\"type\":\"Header\"", await Guest.LineAsync("watch"), StringComparison.Ordinal);
        Assert.Contains("\"type\":\"Scan\"", await Guest.LineAsync("watch"), StringComparison.Ordinal);

        // By now it scans, and a change that it tells shows that it has what it needs for that.
        await Guest.SetModeAsync(1);
        Assert.Contains("OvercommitModeChanged", await EventAsync(), StringComparison.Ordinal);
        await Guest.SetModeAsync(2);
        Assert.Contains("OvercommitModeChanged", await EventAsync(), StringComparison.Ordinal);

        await FillAsync();
        var told = await EventAsync();
        var check = await Guest.RunAsync(Initramfs.ForkGuard, "check", "-o", "json", $"{victim.Pid}");
        var (fork, _) = await Bench.ForkAsync(victim);

        output.WriteLine($"watch: {told}\ncheck: {string.Join('\n', check)}");
        Assert.Contains("\"event\":\"ForkImpossible\"", told, StringComparison.Ordinal);
        Assert.Contains($"\"pid\":{victim.Pid}", told, StringComparison.Ordinal);
        Assert.Contains("\"verdict\":\"CannotFork\"", told, StringComparison.Ordinal);
        Assert.True(fork.IsRefused);
        Assert.DoesNotContain(check, line => line.Contains("verdict", StringComparison.Ordinal));

        await Bench.SetBallastAsync(0);
        Assert.Contains("\"event\":\"ForkRecovered\"", await EventAsync(), StringComparison.Ordinal);
    }

    /// <summary>The limit falls below what is committed, as at a swapoff: not a page is granted then, to nobody.</summary>
    [Fact]
    public async Task A_watch_that_runs_already_needs_nothing_of_what_is_left_to_commit()
    {
        await BeginStrictAsync();
        var victim = await Bench.StartAsync($"areas rw:{_strictPages}");
        await Guest.SpawnAsync("watch", $"{Initramfs.ForkGuard} watch -f {Initramfs.Manifest} --interval 1 -o json");
        Assert.Contains("\"type\":\"Header\"", await Guest.LineAsync("watch"), StringComparison.Ordinal);
        Assert.Contains("\"type\":\"Scan\"", await Guest.LineAsync("watch"), StringComparison.Ordinal);

        // Again and again: what it needs once may have been there by chance.
        for (var round = 1; round <= 3; round++)
        {
            await Guest.SetAsync("vm/overcommit_kbytes", (await Guest.MeminfoAsync())["Committed_AS"] * 4 / 2);
            // A second event of a kind within ten minutes is not emitted.
            if (round == 1)
            {
                var told = await EventAsync();
                output.WriteLine(told);
                Assert.Contains("\"event\":\"ForkImpossible\"", told, StringComparison.Ordinal);
                Assert.Contains($"\"pid\":{victim.Pid}", told, StringComparison.Ordinal);
            }

            await LetItScanAsync(times: 5);
            Assert.True((await Bench.ForkAsync(victim)).Fork.IsRefused);

            await Guest.SetAsync("vm/overcommit_ratio", 100);
            if (round == 1)
            {
                Assert.Contains("\"event\":\"ForkRecovered\"", await EventAsync(), StringComparison.Ordinal);
            }

            await LetItScanAsync(times: 2);
        }

        // A scan that failed for want of memory would have come before.
        await Guest.SetModeAsync(1);
        Assert.Contains("OvercommitModeChanged", await EventAsync(), StringComparison.Ordinal);
    }

    /// <summary>
    /// The charge of a fork child goes with the child, so that it is no risk to the next fork. A child that shares the memory
    /// of its parent, as after vfork, holds no charge of its own.
    /// </summary>
    [Theory]
    [InlineData("keep", false)]
    [InlineData("share", true)]
    public async Task Watch_subtracts_what_a_fork_child_holds_and_nothing_for_a_child_that_shares_memory(
        string command,
        bool isReported
    )
    {
        await BeginStrictAsync();
        var victim = await Bench.StartAsync($"areas rw:{_strictPages}");
        await victim.DoAsync(command);
        // Only a verdict near the limit states an error.
        await Bench.AimAsync(await Bench.CheckAsync(victim), headroom: 0);
        var near = await Bench.CheckAsync(victim);
        await Bench.AimAsync(near, headroom: -Judging.Bench.ClearlyOutside - (near.ErrorBytes / 4096));

        var watch = await Guest.RunAsync(
            Initramfs.ForkGuard,
            "watch",
            "-f",
            Initramfs.Manifest,
            "--once",
            "-o",
            "json"
        );
        var (fork, _) = await Bench.ForkAsync(victim);

        output.WriteLine(string.Join('\n', watch));
        Assert.True(fork.IsRefused);
        Assert.Contains(watch, line => line.Contains("\"type\":\"Scan\"", StringComparison.Ordinal));
        Assert.Equal(isReported, watch.Any(line => line.Contains("ForkImpossible", StringComparison.Ordinal)));
    }

    /// <summary>The next event of the watch that is not from the kernel's log, where other programs are refused as well.</summary>
    private async Task<string> EventAsync()
    {
        string line;
        do
        {
            line = await Guest.LineAsync("watch");
        } while (line.Contains("\"event\":\"ForkRefused\"", StringComparison.Ordinal));
        return line;
    }

    /// <summary>Waits on the guest's clock for as long as so many scans take.</summary>
    private async Task LetItScanAsync(int times)
    {
        var until = await Guest.UptimeAsync() + TimeSpan.FromSeconds(times);
        await Condition.HoldsAsync(
            async _ => await Guest.UptimeAsync() > until,
            $"{times} scans",
            TimeSpan.FromMinutes(1),
            TestContext.Current.CancellationToken
        );
    }

    /// <summary>
    /// Leaves 400 pages to a program that, as forkguard does, reserves enough to be denied all of the user reserve.
    /// </summary>
    private async Task FillAsync()
    {
        var memory = await Guest.MeminfoAsync();
        var reserve = await Guest.GetAsync("vm/user_reserve_kbytes") / 4;
        await Bench.SetBallastAsync(memory["CommitLimit"] - memory["Committed_AS"] - reserve - 400);
    }
}
