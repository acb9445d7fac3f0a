using System.Globalization;
using ForkGuard.Cli.Tests.Serving;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>
/// Processes with reservations that no fork copies, as GHC, .NET, V8 and address sanitizers make them. Alone: their areas take the time
/// of the first scans of every watch on the machine.
/// </summary>
[Trait("Needs", "Machine")]
[Collection(nameof(ReservationTests))]
[CollectionDefinition(nameof(ReservationTests), DisableParallelization = true)]
public sealed class ReservationTests : IAsyncDisposable
{
    private const int Processes = 60;
    private const int SmallAreas = 3000;

    private readonly List<Victim> _fleet = [];
    private readonly string _command = Victim.UniqueName();

    public async ValueTask DisposeAsync()
    {
        foreach (var victim in _fleet)
        {
            await victim.DisposeAsync();
        }
    }

    /// <summary>Each WebAssembly memory of Node.js reserves 8 GiB of addresses and more.</summary>
    [Fact]
    public async Task A_process_with_sixty_cages_of_8_GiB_can_fork()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAreasAsync(
            Enumerable.Repeat(Text($"none:{PagesOf(8)}"), 60),
            cancellationToken: Check.Stop
        );
        Assert.Equal(Errno.None, await victim.ForkAsync(Check.Stop));
        var answer = await Check.InJsonAsync(victim.Pid);
        Assert.Equal(("CanFork", "Exact", 0), (answer.Verdict, answer.Confidence, answer.ExitCode));
        Assert.InRange(answer.Percent, 0, 1);
    }

    [Fact]
    public async Task The_table_of_a_terminal_shows_the_process_at_risk_before_all_reservations()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await StartFleetAsync(smallAreas: 0);
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        Assert.Equal(Errno.None, await _fleet[^1].ForkAsync(Check.Stop));
        Assert.Equal(Errno.NoMemory, await victim.ForkAsync(Check.Stop));
        await using var terminal = PseudoTerminal.Start(["watch", "-f", folder.Root, "--interval", "1"], columns: 120);
        await terminal.WaitForAsync(
            lines => lines.Any(line => line.Contains("scan 2 at ", StringComparison.Ordinal)),
            Check.Stop
        );
        await terminal.PressAsync("q", Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));

        var tables = TablesOf(terminal.Lines);
        Assert.All(
            tables,
            rows => Assert.Contains(folder.Command, rows.TakeWhile(name => name != _command), StringComparer.Ordinal)
        );
        Assert.True(tables.Count >= 2, terminal.Output);
    }

    [Fact]
    public async Task Watch_once_names_the_process_at_risk_as_the_worst()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await StartFleetAsync(smallAreas: 0);
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        var result = await folder.WatchOnceAsync();
        var scan = Assert.Single(
            result.StandardOutput.Split('\n'),
            line => line.StartsWith("first scan: ", StringComparison.Ordinal)
        );
        Assert.Contains(" 1 at risk; worst: ", scan, StringComparison.Ordinal);
        Assert.DoesNotContain(_command, result.StandardOutput, StringComparison.Ordinal);
        Assert.Contains(
            $" ForkImpossible {folder.Command} ({victim.Pid})",
            result.StandardOutput,
            StringComparison.Ordinal
        );
        Assert.Equal(1, result.ExitCode);
    }

    /// <summary>The answer about an area holds while the area stands, so that no later scan stops the process again.</summary>
    [Fact]
    public async Task Reservations_among_thousands_of_areas_are_not_read_again()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await StartFleetAsync(SmallAreas);
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = await ListeningWatch.StartAsync(folder);
        await ScansAsync(watch, 2);

        // Other processes of the machine may be read again within one scan, and not within every scan.
        var reads = long.MaxValue;
        await Condition.HoldsAsync(
            async _ =>
            {
                var before = await SmapsReadsAsync(watch);
                await ScansAsync(watch, 1);
                reads = await SmapsReadsAsync(watch) - before;
                return reads == 0;
            },
            "a scan without a read of smaps",
            cancellationToken: Check.Stop
        );
        Assert.Equal(Errno.None, await _fleet[0].ForkAsync(Check.Stop));
        Assert.Equal("CanFork", (await Check.InJsonAsync(_fleet[0].Pid)).Verdict);
    }

    /// <summary>The first scan reads the areas of all of them, and the signal comes before its result.</summary>
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_during_a_scan_ends_a_watch_cleanly(string signal)
    {
        await StartFleetAsync(SmallAreas);
        using var folder = WatchFolder.OfItsCommand();
        IReadOnlyList<string> lines = [];
        await Condition.HoldsAsync(
            async token =>
            {
                await using var watch = folder.Watch();
                await watch.WaitForLineAsync(
                    line => line.StartsWith("kernel ", StringComparison.Ordinal),
                    cancellationToken: token
                );
                await watch.SignalAsync(signal, token);
                Assert.Equal(0, await watch.WaitForExitAsync(token));
                Assert.Equal("", watch.Errors);
                lines = watch.Lines;
                return !lines.Any(line => line.StartsWith("first scan: ", StringComparison.Ordinal));
            },
            "the signal comes during the first scan",
            cancellationToken: Check.Stop
        );
        Assert.Equal("stopped after 0 scans and 0 events", lines[^1]);
    }

    /// <summary>Without a result it has no answer.</summary>
    [Fact]
    public async Task A_signal_during_its_scan_ends_watch_once_with_3()
    {
        await StartFleetAsync(SmallAreas);
        using var folder = WatchFolder.OfItsCommand();
        await Condition.HoldsAsync(
            async token =>
            {
                await using var watch = ForkGuardProcess.Start(["watch", "-f", folder.Root, "--once"]);
                await watch.WaitForLineAsync(
                    line => line.StartsWith("kernel ", StringComparison.Ordinal),
                    cancellationToken: token
                );
                await watch.SignalAsync("TERM", token);
                var exitCode = await watch.WaitForExitAsync(token);
                Assert.Equal("", watch.Errors);
                var isOver = watch.Lines.Any(line => line.StartsWith("first scan: ", StringComparison.Ordinal));
                Assert.Equal(isOver ? 0 : 3, exitCode);
                return !isOver;
            },
            "the signal comes during the scan",
            cancellationToken: Check.Stop
        );
    }

    private async Task StartFleetAsync(int smallAreas)
    {
        string[] areas =
        [
            Text($"none:{PagesOf(1024)}"),
            Text($"nr:{PagesOf(256)}"),
            .. Enumerable.Repeat("rw:1", smallAreas),
        ];
        for (var i = 0; i < Processes; i++)
        {
            _fleet.Add(await Victim.StartAreasAsync(areas, _command, Check.Stop));
        }
    }

    /// <summary>The commands of each drawing of the table, which begins with its headings.</summary>
    private static List<List<string>> TablesOf(IEnumerable<string> lines)
    {
        List<List<string>> tables = [];
        foreach (var line in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["PID", "COMMAND", ..])
            {
                tables.Add([]);
            }
            else if (tables.Count > 0 && words is [var pid, var command, ..] && pid.All(char.IsAsciiDigit))
            {
                tables[^1].Add(command);
            }
        }

        return tables;
    }

    /// <summary>Waits for so many scans more.</summary>
    private static async Task ScansAsync(ListeningWatch watch, int more)
    {
        var before = await NumberAsync(watch, "forkguard_scan_duration_seconds_count");
        await Condition.HoldsAsync(
            async _ => await NumberAsync(watch, "forkguard_scan_duration_seconds_count") >= before + more,
            $"{more} scans",
            cancellationToken: Check.Stop
        );
    }

    private static Task<long> SmapsReadsAsync(ListeningWatch watch) =>
        NumberAsync(watch, "forkguard_scan_reads_total{tier=\"smaps\"}");

    private static async Task<long> NumberAsync(ListeningWatch watch, string series) =>
        long.Parse(await watch.ValueOfAsync(series) ?? "0", CultureInfo.InvariantCulture);

    private static long PagesOf(long gibibytes) => (gibibytes << 30) / Environment.SystemPageSize;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
