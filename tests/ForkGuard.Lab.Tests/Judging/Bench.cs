using System.Globalization;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Judging;

/// <summary>Where forkguard's verdicts and real forks meet: one guest, and everything that was tried in it.</summary>
public sealed class Bench
{
    /// <summary>Pages beyond the stated error with which a verdict must be exact.</summary>
    internal const long ClearlyOutside = 150;

    private readonly LabReport _report;
    private readonly LogBudget _budget = new();
    private long _ballast;

    internal Bench(Guest guest, string kernel, LabReport report)
    {
        Guest = guest;
        Kernel = kernel;
        _report = report;
    }

    internal Guest Guest { get; }

    /// <summary>Release and CPUs, as the table has it.</summary>
    internal string Kernel { get; }

    internal bool IsBefore(int major, int minor) => LabKernel.IsBefore(Kernel, major, minor);

    internal async Task ResetAsync()
    {
        await Guest.ResetAsync();
        _ballast = 0;
    }

    internal async Task<GuestVerdict> CheckAsync(GuestVictim victim) => (await CheckAsync([victim]))[0];

    /// <summary>The verdicts of one <c>forkguard check</c> over them all.</summary>
    internal async Task<IReadOnlyList<GuestVerdict>> CheckAsync(IReadOnlyList<GuestVictim> victims)
    {
        var pids = string.Join(' ', victims.Select(v => v.Pid!.Value.ToString(CultureInfo.InvariantCulture)));
        var answer = await Guest.RunAsync(Initramfs.ForkGuard, "check", "-o", "json", pids);
        List<GuestVerdict> verdicts = [.. answer.Where(IsJson).Select(GuestVerdict.Parse).OfType<GuestVerdict>()];
        Assert.True(
            verdicts.Select(v => (int?)v.Pid).SequenceEqual(victims.Select(v => v.Pid)),
            $"{Kernel}: forkguard check {pids} said: {string.Join('\n', answer)}"
        );
        return verdicts;
    }

    /// <summary>Judges them all, then lets each fork. The victims live on.</summary>
    internal async Task<IReadOnlyList<Trial>> TryAsync(string scenario, params IReadOnlyList<GuestVictim> victims)
    {
        var trials = new List<Trial>();
        foreach (var (victim, verdict) in victims.Zip(await CheckAsync(victims)))
        {
            var (fork, witness) = await ForkAsync(victim);
            trials.Add(new(Kernel, scenario, victim.Layout, verdict, fork, witness));
        }

        _report.Add(trials);
        return trials;
    }

    /// <summary>The same for layouts that have still to be started, a few at a time, and are ended after it.</summary>
    internal async Task<IReadOnlyList<Trial>> TryAllAsync(string scenario, IEnumerable<string> layouts)
    {
        var trials = new List<Trial>();
        foreach (var some in layouts.Chunk(16))
        {
            var victims = new List<GuestVictim>();
            foreach (var layout in some)
            {
                victims.Add(await StartAsync(layout));
            }

            trials.AddRange(await TryAsync(scenario, victims));
            foreach (var victim in victims)
            {
                await Guest.EndAsync(victim);
            }
        }

        return trials;
    }

    internal async Task<GuestVictim> StartAsync(string layout, string identity = "root")
    {
        var victim = await Guest.StartAsync(layout, identity);
        Assert.True(victim.Pid is not null, $"{Kernel}: {victim.Layout}: {victim.Refusal}");
        return victim;
    }

    /// <summary>
    /// Mode 2: leaves so many pages of headroom, as forkguard counts them, by mapping the rest elsewhere. The verdict must be
    /// of the ballast as it is.
    /// </summary>
    internal Task AimAsync(GuestVerdict verdict, long headroom) =>
        SetBallastAsync(_ballast + verdict.Headroom - headroom);

    /// <summary>
    /// Mode 2: tries it with a page of headroom, then so far on both sides of the limit that the verdict must be exact,
    /// then with none, and with as much as is asked for, as forkguard counted it at first: in a verdict of the ballast as it is.
    /// </summary>
    internal async Task<IReadOnlyList<Trial>> TryAroundAsync(
        string scenario,
        GuestVictim victim,
        GuestVerdict verdict,
        params long[] more
    )
    {
        var none = _ballast + verdict.Headroom;
        await SetBallastAsync(none - 1);
        var trials = new List<Trial>(await TryAsync(scenario, victim));

        // Only a verdict near the limit states an error.
        var far = (trials[0].Verdict.ErrorBytes / 4096) + ClearlyOutside;
        foreach (var headroom in (long[])[far, -far, 0, .. more])
        {
            await SetBallastAsync(none - headroom);
            trials.AddRange(await TryAsync(scenario, victim));
        }

        return trials;
    }

    /// <summary>
    /// Mode 2: how many pages more (or fewer, if negative) than forkguard says the kernel really grants. It is searched
    /// with forks alone, from a verdict of the ballast as it is.
    /// </summary>
    internal async Task<StrictOffset> MeasureOffsetAsync(GuestVictim victim, GuestVerdict verdict)
    {
        // With one page of headroom the fork passes, with one page less it is refused: then the offset is 0.
        await AimAsync(verdict, headroom: 1);
        var aimed = _ballast;
        long passes = 0;
        long refused = 1;
        for (long step = 1; await IsRefusedAsync(passes); step *= 2)
        {
            (passes, refused) = (passes - step, passes);
        }

        for (long step = 1; !await IsRefusedAsync(refused); step *= 2)
        {
            (passes, refused) = (refused, refused + step);
        }

        while (refused - passes > 1)
        {
            var middle = passes + ((refused - passes) / 2);
            (passes, refused) = await IsRefusedAsync(middle) ? (passes, middle) : (middle, refused);
        }

        await SetBallastAsync(aimed);
        var committed = (await Guest.MeminfoAsync())["Committed_AS"];
        var aimedVerdict = await CheckAsync(victim);
        var offset = new StrictOffset(
            Kernel,
            passes + 1 - aimedVerdict.Headroom,
            aimedVerdict.CommittedPages - committed,
            aimedVerdict.ErrorBytes / 4096
        );
        _report.Add(offset);
        return offset;

        async Task<bool> IsRefusedAsync(long more)
        {
            await SetBallastAsync(aimed + more);
            return (await ForkAsync(victim)).Fork.IsRefused;
        }
    }

    /// <summary>Every fork goes through here, so that the budget knows of every line.</summary>
    internal async Task<(ForkOutcome Fork, Witness Witness)> ForkAsync(GuestVictim victim)
    {
        var (fork, witness) = await ForkOnceAsync(victim);
        if (!fork.IsRefused || witness != Witness.Contradicts)
        {
            return (fork, witness);
        }

        // Mappings that were refused to others, which nobody counts here, take up the kernel's lines as well.
        var quiet = await Guest.UptimeAsync() + LogBudget.Window;
        await Condition.HoldsAsync(
            async _ => await Guest.UptimeAsync() > quiet,
            "the kernel has room for a line",
            within: TimeSpan.FromMinutes(2)
        );
        var (again, second) = await ForkOnceAsync(victim);
        return again.IsRefused ? (again, second) : (fork, witness);
    }

    private async Task<(ForkOutcome Fork, Witness Witness)> ForkOnceAsync(GuestVictim victim)
    {
        var fork = await victim.ForkAsync();
        var witness = fork.IsRefused ? _budget.OfRefused(fork, await Guest.UptimeAsync()) : LogBudget.OfGranted(fork);
        return (fork, witness);
    }

    internal async Task SetBallastAsync(long pages)
    {
        await Guest.SetBallastAsync(pages);
        _ballast = pages;
    }

    private static bool IsJson(string line) => line.StartsWith('{');
}
