using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests;

public abstract partial class KernelTests
{
    [Fact]
    public async Task Every_layout_of_the_specification_in_mode_0()
    {
        var limit = await Guest.LimitAsync();
        const long mebibytes128 = (128L << 20) / 4096;
        List<(string Layout, bool IsRefused)> rows =
        [
            .. VictimLayout.Charged.SelectMany(l => new[] { ($"{l} {limit}", false), ($"{l} {limit + 1}", true) }),
            .. VictimLayout.NeverRefused.SelectMany(l =>
                new[] { ($"{l} {limit}", false), ($"{l} {limit + 1}", false) }
            ),
            ($"{VictimLayout.Idle} 0", false),
            ($"{VictimLayout.ReadOnly} {limit}", false),
            ($"{VictimLayout.ReadOnly} {limit + 1}", Bench.IsBefore(6, 7)),
            ($"{VictimLayout.Mremap} {limit + 1000}", true),
            ($"{VictimLayout.Reserved} {limit * 2}", false),
            ($"{VictimLayout.NoReserve} {400 * mebibytes128}", false),
            ($"{VictimLayout.Scattered} {1024 * mebibytes128}", false),
        ];

        var trials = await Bench.TryAllAsync("specification", rows.Select(row => row.Layout));

        AssertRight(trials);
        Assert.Equal(rows, trials.Select(t => (t.Layout, t.Fork.IsRefused)));
        Assert.All(trials, t => Assert.True(t.Verdict.IsExact, t.Describe()));
    }

    [Fact]
    public async Task Nothing_is_refused_in_mode_1_whatever_was_mapped_and_everything_again_in_mode_0()
    {
        var limit = await Guest.LimitAsync();
        await Guest.SetModeAsync(1);
        // One mapping above the limit: only mode 1 grants it.
        var victim = await Bench.StartAsync($"areas rw:{limit + 1}");
        var free = await Bench.TryAsync("mapped in mode 1", victim);
        await Guest.SetModeAsync(0);
        var bound = await Bench.TryAsync("mapped in mode 1", victim);

        AssertRight([.. free, .. bound]);
        Assert.Equal(
            [(GuestVerdict.CanFork, false), (GuestVerdict.CannotFork, true)],
            free.Concat(bound).Select(t => (t.Verdict.Verdict, t.Fork.IsRefused))
        );
    }

    [Fact]
    public async Task Swap_raises_the_limit_of_mode_0_and_swapoff_lowers_it_for_what_runs()
    {
        var without = await Guest.LimitAsync();
        await Guest.BeginSwapAsync();
        var with = await Guest.LimitAsync();
        Assert.InRange(with - without, 16_000, 16_384);
        var victims = new[]
        {
            await Bench.StartAsync($"single {without}"),
            await Bench.StartAsync($"single {without + 1}"),
            await Bench.StartAsync($"single {with}"),
            await Bench.StartAsync($"single {with + 1}"),
        };

        var before = await Bench.TryAsync("swap", victims);
        await Guest.EndSwapAsync();
        var after = await Bench.TryAsync("swapoff while running", victims);

        AssertRight([.. before, .. after]);
        Assert.Equal([false, false, false, true], before.Select(t => t.Fork.IsRefused));
        Assert.Equal([false, true, true, true], after.Select(t => t.Fork.IsRefused));
    }

    /// <summary>
    /// SwapTotal counts the swap that a swapoff has still to empty (si_swapinfo, mm/swapfile.c); the kernel's limit does not.
    /// </summary>
    [Fact]
    public async Task The_swap_that_a_swapoff_under_way_has_still_to_empty_grants_nothing()
    {
        const int swappedPages = 12_000;
        var without = await Guest.LimitAsync();
        await Guest.BeginSwapAsync();
        var hoard = await Bench.StartAsync($"{VictimLayout.OneMapping} {swappedPages}");
        await hoard.DoAsync($"touch {swappedPages}", "pageout");
        var victims = new[]
        {
            await Bench.StartAsync($"{VictimLayout.OneMapping} {without}"),
            await Bench.StartAsync($"{VictimLayout.OneMapping} {without + 1}"),
            await Bench.StartAsync($"{VictimLayout.OneMapping} {without + (swappedPages / 2)}"),
        };

        var before = await Bench.TryAsync("swap in use", victims);
        // More than the hoard: each CPU holds up to 64 slots in advance (mm/swap_slots.c SWAP_SLOTS_CACHE_SIZE, until 6.13).
        var inUse = await Guest.SwapInUseAsync();
        await Guest.BeginSwapoffAsync();
        var during = await Bench.TryAsync("swapoff under way", victims);
        Assert.InRange((await Guest.MeminfoAsync())["SwapTotal"], swappedPages / 2, inUse);
        await Guest.FinishSwapoffAsync();
        var after = await Bench.TryAsync("swapoff done", victims);

        Assert.Equal([false, false, false], before.Select(t => t.Fork.IsRefused));
        Assert.Equal([false, true, true], during.Select(t => t.Fork.IsRefused));
        Assert.Equal([false, true, true], after.Select(t => t.Fork.IsRefused));
        AssertRight([.. before, .. during, .. after]);
    }

    /// <summary>MAP_NORESERVE is decided at mmap: mode 2 ignores it, and mode 0 holds that against the process later.</summary>
    [Fact]
    public async Task What_was_mapped_without_reserve_in_mode_2_counts_in_mode_0()
    {
        var limit = await Guest.LimitAsync();
        var mappedBefore = await Bench.StartAsync($"areas nr:{limit} +nr:1");
        await Guest.SetModeAsync(2);
        await Guest.SetAsync("vm/overcommit_ratio", 1000);
        var mappedAfter = await Bench.StartAsync($"areas nr:{limit} +nr:1");
        var strict = await Bench.TryAsync("mode changed after mapping", mappedBefore, mappedAfter);
        await Guest.SetModeAsync(0);
        var heuristic = await Bench.TryAsync("mode changed after mapping", mappedBefore, mappedAfter);

        AssertRight([.. strict, .. heuristic]);
        Assert.InRange(strict[0].Verdict.ChargeBytes / 4096, 1, 1000);
        Assert.InRange(strict[1].Verdict.ChargeBytes / 4096, limit + 1, limit + 1000);
        Assert.Equal([false, true], heuristic.Select(t => t.Fork.IsRefused));
    }
}
