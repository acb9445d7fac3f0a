using System.Globalization;
using System.Text.RegularExpressions;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>watch on a terminal: a header, a live table, and Ctrl-C.</summary>
[Trait("Needs", "Machine")]
public partial class TerminalTests
{
    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(200)]
    public async Task The_live_table_stands_below_the_header_and_fits_the_terminal(int columns)
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await StartAsync(folder);
        await using var terminal = Start(folder, columns);
        await terminal.WaitForAsync(lines => HasRow(lines, victim) && IsOnScan(lines, 2), Check.Stop);
        await terminal.PressCtrlCAsync(Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));

        var lines = terminal.Lines.ToList();
        var header = lines.FindIndex(l => l.StartsWith("kernel ", StringComparison.Ordinal));
        var watching = lines.FindIndex(l => l.StartsWith("watching ", StringComparison.Ordinal));
        var headings = lines.FindIndex(l => HasWords(l, "PID", "COMMAND", "CONSTRAINT", "%", "VERDICT"));
        Assert.True(header >= 0 && header < watching && watching < headings, terminal.Output);
        Assert.Contains(lines, l => l.Contains("committed ", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.InRange(new StringInfo(l).LengthInTextElements, 0, columns));
    }

    [Fact]
    public async Task A_wide_terminal_shows_usage_limit_growth_and_owner_too()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await StartAsync(folder);
        await using var terminal = Start(folder, columns: 200);
        await terminal.WaitForAsync(lines => HasRow(lines, victim) && IsOnScan(lines, 1), Check.Stop);
        Assert.Contains(terminal.Lines, line => HasWords(line, "USED", "LIMIT", "GROWTH", "LEFT", "OWNER"));
        var row = terminal.Lines.First(line => IsRowOf(line, victim));
        Assert.True(HasWords(row, folder.Command, "LargestMapping", "100", "CannotFork"), row);
    }

    [Fact]
    public async Task An_event_is_a_line_above_the_table()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var victim = await StartAsync(folder);
        await using var terminal = Start(folder, columns: 200);
        var said = $"ForkImpossible {folder.Command} ({victim.Pid})";
        await terminal.WaitForAsync(lines => lines.Any(l => l.Contains(said, StringComparison.Ordinal)), Check.Stop);
        await terminal.PressCtrlCAsync(Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
        Assert.Single(terminal.Lines, l => l.Contains(said, StringComparison.Ordinal));
    }

    /// <summary>A table that says how to end it, below a line that says it has ended, reads as though it still ran.</summary>
    [Fact]
    public async Task After_Ctrl_C_the_last_line_says_that_it_has_stopped()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var terminal = Start(folder, columns: 80);
        await terminal.WaitForAsync(lines => IsOnScan(lines, 1), Check.Stop);
        await terminal.PressCtrlCAsync(Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
        var last = terminal.Lines.Last(line => !string.IsNullOrWhiteSpace(line));
        Assert.StartsWith("stopped after ", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_q_ends_it_and_no_key_is_echoed()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var terminal = Start(folder, columns: 80);
        await terminal.WaitForAsync(lines => IsOnScan(lines, 1), Check.Stop);
        await terminal.PressAsync("zzzq", Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
        var last = terminal.Lines.Last(line => !string.IsNullOrWhiteSpace(line));
        Assert.StartsWith("stopped after ", last, StringComparison.Ordinal);
        Assert.DoesNotContain("zz", terminal.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(200)]
    public async Task Keys_change_order_and_filter_before_the_next_scan(int columns)
    {
        using var folder = WatchFolder.OfItsCommand();
        var name = Victim.UniqueName();
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, name, cancellationToken: Check.Stop);
        await using var terminal = PseudoTerminal.Start(["watch", "-f", folder.Root, "--interval", "3600"], columns);
        await terminal.WaitForAsync(
            lines => lines.Any(line => Has(line, "q quit  s sort: worst  / filter")),
            Check.Stop
        );
        await terminal.PressAsync("s", Check.Stop);
        await terminal.WaitForAsync(lines => lines.Any(line => Has(line, "s sort: used")), Check.Stop);
        await terminal.PressAsync($"/{name}\n", Check.Stop);
        await terminal.WaitForAsync(
            lines => lines.Any(line => Has(line, $"/ filter: {name}")) && HasRow(lines, victim) && IsOnScan(lines, 1),
            Check.Stop
        );
        await terminal.PressAsync("q", Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
        Assert.All(terminal.Lines, l => Assert.InRange(new StringInfo(l).LengthInTextElements, 0, columns));
    }

    [Fact]
    public async Task Once_breaks_long_lines_between_words()
    {
        const int columns = 60;
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var victim = await StartAsync(folder);
        await using var terminal = PseudoTerminal.Start(["watch", "-f", folder.Root, "--once"], columns);
        Assert.Equal(1, await terminal.WaitForExitAsync(Check.Stop));
        Assert.All(terminal.Lines, line => Assert.InRange(line.Length, 0, columns));
        var text = string.Join(' ', terminal.Lines.Select(line => line.Trim()).Where(line => line.Length > 0));
        Assert.Contains(
            $"ForkImpossible {folder.Command} ({victim.Pid}): a fork is refused",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("details: forkguard check", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cursor_that_was_hidden_is_shown_again_at_the_end()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var terminal = Start(folder, columns: 80);
        await terminal.WaitForAsync(lines => IsOnScan(lines, 1), Check.Stop);
        await terminal.PressCtrlCAsync(Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
        const string hidden = "\u001b[?25l";
        const string shown = "\u001b[?25h";
        Assert.True(
            terminal.Output.LastIndexOf(shown, StringComparison.Ordinal)
                >= terminal.Output.LastIndexOf(hidden, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NO_COLOR_is_honoured(bool isSet)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var victim = await StartAsync(folder);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (isSet)
        {
            environment["NO_COLOR"] = "1";
        }

        await using var terminal = PseudoTerminal.Start(Arguments(folder), columns: 80, environment);
        await terminal.WaitForAsync(lines => HasRow(lines, victim) && IsOnScan(lines, 2), Check.Stop);
        Assert.Equal(!isSet, Colour().IsMatch(terminal.Output));
    }

    private static Task<Victim> StartAsync(WatchFolder folder) =>
        folder.StartVictimAsync(
            MemoryLimit.Pages() + (RunningKernel.OvercommitMode == 2 ? -MemoryLimit.Pages() + 1 : 1)
        );

    private static PseudoTerminal Start(WatchFolder folder, int columns) =>
        PseudoTerminal.Start(Arguments(folder), columns);

    private static string[] Arguments(WatchFolder folder) => ["watch", "-f", folder.Root, "--interval", "1"];

    private static bool HasRow(IReadOnlyList<string> lines, Victim victim) => lines.Any(l => IsRowOf(l, victim));

    private static bool IsRowOf(string line, Victim victim) =>
        line.TrimStart().StartsWith($"{victim.Pid} ", StringComparison.Ordinal);

    private static bool IsOnScan(IReadOnlyList<string> lines, int scan) =>
        lines.Any(line => line.Contains($"scan {scan} at ", StringComparison.Ordinal));

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.Ordinal);

    private static bool HasWords(string line, params string[] words) =>
        words.All(line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains);

    // Select Graphic Rendition of ECMA-48: 30 to 49 and 90 to 107 are colours, by number or, after 38 and 48, by table.
    [GeneratedRegex(
        @"\x1b\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;[0-9;]*)?m",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex Colour();
}
