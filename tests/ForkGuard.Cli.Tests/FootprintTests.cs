using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>What the program itself costs: at most 32 MiB resident, 12 MiB of it anonymous.</summary>
[Trait("Needs", "Machine")]
public class FootprintTests
{
    private const int MostResident = 32 * 1024;
    private const int MostAnonymous = 12 * 1024;
    private const int IdleProcesses = 300;
    private const int PipeBytes = 64 * 1024;

    [Fact]
    public async Task Watch_stays_small_over_several_scans_of_hundreds_of_processes()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        List<Victim> idle = [];
        try
        {
            for (var i = 0; i < IdleProcesses; i++)
            {
                idle.Add(await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop));
            }

            using var folder = WatchFolder.OfItsCommand(holdSeconds: 3);
            await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
            await using var watch = folder.Watch();
            // The hold takes four scans.
            await watch.WaitForLineAsync(
                line => line.Contains("ForkImpossible", StringComparison.Ordinal),
                cancellationToken: Check.Stop
            );
            MustBeSmall(watch.Pid);
        }
        finally
        {
            foreach (var victim in idle)
            {
                await victim.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Check_stays_small_over_hundreds_of_answers()
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        var pids = Enumerable.Repeat(Check.Text(victim.Pid), 1000);
        // Nobody reads its output, so it stands still in the middle of its answers, and can be looked at.
        await using var check = ForkGuardProcess.Start(["check", "-o", "json", .. pids], isRead: false);
        await Condition.HoldsAsync(
            () => Number(check.Pid, "io", "wchar") > PipeBytes * 3 / 4 && IsAsleep(check.Pid),
            "check has filled the pipe",
            Check.Stop
        );
        MustBeSmall(check.Pid);
    }

    private static void MustBeSmall(int pid)
    {
        Assert.InRange(Number(pid, "status", "VmHWM"), 1, MostResident);
        Assert.InRange(Number(pid, "status", "RssAnon"), 1, MostAnonymous);
    }

    private static bool IsAsleep(int pid) =>
        File.ReadAllText($"/proc/{pid}/stat").Contains(") S ", StringComparison.Ordinal);

    /// <summary>The number after a name in a file of a process, in the file's unit.</summary>
    private static long Number(int pid, string file, string name)
    {
        var line = File.ReadLines($"/proc/{pid}/{file}").First(l => l.StartsWith($"{name}:", StringComparison.Ordinal));
        var number = line[(name.Length + 1)..].Split(' ', '\t').First(word => word.Length > 0);
        return long.Parse(number, CultureInfo.InvariantCulture);
    }
}
