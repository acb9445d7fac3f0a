using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Layouts;

namespace ForkGuard.Lab.Tests;

public abstract partial class KernelTests
{
    private const int HeuristicLayouts = 48;
    private const int AlwaysLayouts = 16;
    private const int StrictLayouts = 24;

    [Fact]
    public async Task Random_layouts_in_mode_0()
    {
        var limit = await Guest.LimitAsync();
        var layouts = Enumerable.Range(0, HeuristicLayouts).Select(n => RandomLayout.AroundLimit(Seed.For(n), limit));

        AssertRight(await Bench.TryAllAsync(Scenarios.Random, layouts));
    }

    [Fact]
    public async Task Random_layouts_in_mode_1()
    {
        await Guest.SetModeAsync(1);
        var limit = await Guest.LimitAsync();
        var layouts = Enumerable.Range(500, AlwaysLayouts).Select(n => RandomLayout.AroundLimit(Seed.For(n), limit));

        var trials = await Bench.TryAllAsync(Scenarios.Random, layouts);

        AssertRight(trials);
        Assert.All(trials, t => Assert.Equal(GuestVerdict.CanFork, t.Verdict.Verdict));
    }

    [Fact]
    public async Task Random_layouts_in_mode_2()
    {
        await Guest.SetModeAsync(2);
        await Guest.SetAsync("vm/overcommit_ratio", 100);
        var trials = new List<Trial>();
        for (var n = 1000; n < 1000 + StrictLayouts; n++)
        {
            var random = Seed.For(n);
            await Bench.SetBallastAsync(0);
            var victim = await Bench.StartAsync(RandomLayout.Charging(random, _strictPages + random.Next(3000)));
            var verdict = await Bench.CheckAsync(victim);
            foreach (var headroom in (long[])[1, 0, random.Next(-1000, 1000)])
            {
                await Bench.AimAsync(verdict, headroom);
                var trial = Assert.Single(await Bench.TryAsync(Scenarios.Random, victim));
                trials.Add(trial);
                verdict = trial.Verdict;
            }

            var offset = await Bench.MeasureOffsetAsync(victim, verdict);
            Assert.True(offset.IsWithinStatedError, $"{Seed.Variable}={Seed.Run}: {offset}, {victim.Layout}");
            Assert.Equal(0, offset.CommittedPages);
            await Guest.EndAsync(victim);
        }

        AssertRight(trials);
    }
}
