using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>top on a terminal, and explain at its width.</summary>
[Trait("Needs", "Machine")]
public class TopScreenTests
{
    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(200)]
    public async Task The_list_fits_the_terminal_and_q_ends_it(int columns)
    {
        await using var terminal = PseudoTerminal.Start(["top"], columns);
        await terminal.WaitForAsync(lines => lines.Any(IsFooter), Check.Stop);
        await terminal.PressAsync("q", Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
        Assert.All(terminal.Lines, line => Assert.InRange(new StringInfo(line).LengthInTextElements, 0, columns));
        var headings = terminal.Lines.First(line => line.Contains("COMMAND", StringComparison.Ordinal));
        string[] words = columns < 80 ? ["PID", "%", "VERDICT"] : ["PID", "%", "OWNER", "VERDICT"];
        Assert.All(words, word => Assert.Contains(word, headings, StringComparison.Ordinal));
        // The alternate screen is left, and the cursor shown.
        Assert.EndsWith("\u001b[?25h\u001b[?1049l", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_not_echoed_and_change_order_and_filter()
    {
        var name = Victim.UniqueName();
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, name, cancellationToken: Check.Stop);
        await using var terminal = PseudoTerminal.Start(["top", "--interval", "1"], columns: 120);
        await terminal.WaitForAsync(lines => lines.Any(IsFooter), Check.Stop);
        await terminal.PressAsync("s", Check.Stop);
        await terminal.WaitForAsync(lines => lines.Any(line => Has(line, "sort: used")), Check.Stop);
        await terminal.PressAsync($"/{name}\n", Check.Stop);
        await terminal.WaitForAsync(
            lines => lines.Any(line => Has(line, $"/ filter: {name}")) && lines.Any(line => IsRowOf(line, victim)),
            Check.Stop
        );
        await terminal.PressAsync("q", Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
    }

    [Fact]
    public async Task Ctrl_C_gives_the_terminal_back()
    {
        await using var terminal = PseudoTerminal.Start(["top"], columns: 80);
        await terminal.WaitForAsync(lines => lines.Any(IsFooter), Check.Stop);
        await terminal.PressCtrlCAsync(Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
        Assert.Contains("\u001b[?1049l", terminal.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NO_COLOR_leaves_the_verdict_in_words(bool isSet)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            MemoryLimit.Pages() + 1,
            cancellationToken: Check.Stop
        );
        var environment = isSet
            ? new Dictionary<string, string>(StringComparer.Ordinal) { ["NO_COLOR"] = "1" }
            : new Dictionary<string, string>(StringComparer.Ordinal);
        await using var terminal = PseudoTerminal.Start(["top"], columns: 200, environment);
        await terminal.WaitForAsync(
            lines => lines.Any(line => IsRowOf(line, victim) && Has(line, "CannotFork")),
            Check.Stop
        );
        await terminal.PressAsync("q", Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
        Assert.Equal(!isSet, Has(terminal.Output, "\u001b[31m"));
    }

    [Fact]
    public async Task In_a_pipe_a_filter_finds_a_process_far_from_any_limit()
    {
        var name = Victim.UniqueName();
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, name, cancellationToken: Check.Stop);
        var top = await ForkGuardBinary.RunAsync(["top", "--filter", name], cancellationToken: Check.Stop);
        var row = Assert.Single(top.StandardOutput.Split('\n'), line => IsRowOf(line, victim));
        Assert.Contains(name, row, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", top.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_are_in_the_order_that_is_asked_for()
    {
        var top = await ForkGuardBinary.RunAsync(["top", "--sort", "pid", "-o", "json"], cancellationToken: Check.Stop);
        var pids = Check.Objects(top).Select(process => (int)process["pid"]!).ToList();
        Assert.True(pids.Count > 1, top.StandardOutput);
        Assert.Equal(pids.Order(), pids);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(200)]
    public async Task Explain_draws_limits_and_areas_within_the_terminal(int columns)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            MemoryLimit.Pages() / 2,
            cancellationToken: Check.Stop
        );
        await using var terminal = PseudoTerminal.Start(["explain", Check.Text(victim.Pid)], columns);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
        Assert.All(terminal.Lines, line => Assert.InRange(new StringInfo(line).LengthInTextElements, 0, columns));
        var bar = terminal.Lines.First(line =>
            Has(line, " LargestMapping ") && line.TrimEnd().Contains('|', StringComparison.Ordinal)
        );
        var scale = bar[bar.IndexOf('#', StringComparison.Ordinal)..(bar.IndexOf('|', StringComparison.Ordinal) + 1)];
        Assert.InRange(scale.Count(c => c == '#') * 100 / scale.Length, 40, 50);
    }

    [Fact]
    public async Task Explain_has_limits_and_areas_as_JSON()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            MemoryLimit.Pages() + 1,
            cancellationToken: Check.Stop
        );
        string[] arguments = ["explain", Check.Text(victim.Pid), "-o", "json"];
        var explain = Assert.Single(
            Check.Objects(await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop))
        );
        Assert.Equal("CannotFork", (string?)explain["verdict"]);
        Assert.NotEmpty(explain["constraints"]!.AsArray());
        var largest = explain["areas"]!
            .AsArray()
            .Where(area => (bool)area!["charged"]!)
            .MaxBy(area => (long)area!["bytes"]!)!;
        Assert.Equal((MemoryLimit.Pages() + 1) * Environment.SystemPageSize, (long)largest["bytes"]!);
        Assert.Equal(victim.Range.Start.ToString("x", CultureInfo.InvariantCulture), (string?)largest["start"]);
    }

    private static bool IsFooter(string line) => Has(line, "q quit");

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.Ordinal);

    private static bool IsRowOf(string line, Victim victim) =>
        line.TrimStart().StartsWith($"{victim.Pid} ", StringComparison.Ordinal);
}
