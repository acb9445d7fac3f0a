using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests;

public abstract partial class KernelTests
{
    [Fact]
    public async Task Every_layout_of_the_specification_in_mode_2()
    {
        await BeginStrictAsync();
        var trials = new List<Trial>();
        foreach (
            var layout in (string[])
                [.. VictimLayout.Charged, .. VictimLayout.NeverRefused, VictimLayout.ReadOnly, VictimLayout.Idle]
        )
        {
            var victim = await Bench.StartAsync($"{layout} {_strictPages}");
            var first = await Bench.TryAsync("specification", victim);
            trials.AddRange(first);
            if (IsCharged(first[0]))
            {
                trials.AddRange(await Bench.TryAroundAsync("specification", victim, first[0].Verdict));
                await Bench.SetBallastAsync(0);
            }

            await Guest.EndAsync(victim);
        }

        AssertRight(trials);
        var charged = trials.Where(IsCharged).Select(t => t.Layout.Split(' ')[0]);
        string[] expected =
        [
            .. VictimLayout.Charged,
            VictimLayout.NoReserve,
            VictimLayout.Scattered,
            VictimLayout.DontForkMiddle,
            .. Bench.IsBefore(6, 7) ? (string[])[VictimLayout.ReadOnly] : [],
        ];
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            charged.ToHashSet(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("vm/overcommit_ratio", 80)]
    [InlineData("vm/overcommit_ratio", 120)]
    [InlineData("vm/overcommit_kbytes", 180_000)]
    public async Task The_limit_of_mode_2_follows_its_setting(string setting, long value)
    {
        await BeginStrictAsync();
        await Guest.SetAsync(setting, value);

        await TryAroundAsync($"{setting}={value}");
    }

    [Fact]
    public async Task Swap_raises_the_limit_of_mode_2_and_swapoff_lowers_it_for_what_runs()
    {
        await Guest.BeginSwapAsync();
        await BeginStrictAsync();
        // As much as the swap: without it there is too little for its fork, and still enough for check.
        var victim = await Bench.StartAsync($"areas rw:{_strictPages + 9000}");
        var before = await Bench.TryAroundAsync("swap", victim, await Bench.CheckAsync(victim), 8000);
        await Guest.EndSwapAsync();
        var after = await Bench.TryAsync("swapoff while running", victim);

        AssertRight([.. before, .. after]);
        Assert.Equal(
            [(GuestVerdict.CanFork, false), (GuestVerdict.CannotFork, true)],
            before.TakeLast(1).Concat(after).Select(t => (t.Verdict.Verdict, t.Fork.IsRefused))
        );
    }

    /// <summary>Root of a user namespace has every bit of CapEff, and not what the accounting asks for.</summary>
    [Theory]
    [InlineData("root", false)]
    [InlineData("nocap", true)]
    [InlineData("nobody", true)]
    [InlineData("userns", true)]
    public async Task Only_CAP_SYS_ADMIN_of_the_initial_namespace_may_use_the_reserve(string identity, bool isKeptBack)
    {
        await BeginStrictAsync();
        var reserve = isKeptBack ? await Guest.GetAsync("vm/admin_reserve_kbytes") : 0;
        Assert.Equal(isKeptBack, reserve > 0);

        var verdict = await TryAroundAsync($"as {identity}", identity);

        var keptBack = (await Guest.MeminfoAsync())["CommitLimit"] - (verdict.LimitBytes / 4096) - (reserve / 4);
        // What is left is total_vm / 32.
        Assert.InRange(keptBack, _strictPages / 32, (_strictPages + 1000) / 32);
    }

    [Fact]
    public async Task A_small_user_reserve_is_what_a_process_leaves_for_others()
    {
        await BeginStrictAsync();
        await Guest.SetAsync("vm/user_reserve_kbytes", 400);

        var verdict = await TryAroundAsync("small user reserve");

        Assert.Equal(100, (await Guest.MeminfoAsync())["CommitLimit"] - (verdict.LimitBytes / 4096));
    }

    [Fact]
    public async Task Huge_pages_lower_the_limit_and_are_not_charged()
    {
        await BeginStrictAsync();
        var before = (await Guest.MeminfoAsync())["CommitLimit"];
        await Guest.SetAsync("vm/nr_hugepages", 8);
        Assert.Equal(before - (8 * 512), (await Guest.MeminfoAsync())["CommitLimit"]);

        var verdict = await TryAroundAsync("huge pages", areas: $"rw:{_strictPages} ht:2048");

        Assert.InRange(verdict.ChargeBytes / 4096, _strictPages, _strictPages + 1000);
    }

    private bool IsCharged(Trial trial) => trial.Verdict.ChargeBytes / 4096 >= _strictPages - 1;

    private async Task BeginStrictAsync()
    {
        await Guest.SetModeAsync(2);
        await Guest.SetAsync("vm/overcommit_ratio", 100);
    }

    private async Task<GuestVerdict> TryAroundAsync(string scenario, string identity = "root", string? areas = null)
    {
        var victim = await Bench.StartAsync($"areas {areas ?? $"rw:{_strictPages}"}", identity);
        var trials = await Bench.TryAroundAsync(scenario, victim, await Bench.CheckAsync(victim));
        AssertRight(trials);
        Assert.Equal(
            [(GuestVerdict.CanFork, true, false), (GuestVerdict.CannotFork, true, true)],
            trials.Skip(1).Take(2).Select(t => (t.Verdict.Verdict, t.Verdict.IsExact, t.Fork.IsRefused))
        );
        return trials[0].Verdict;
    }
}
