using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Cli.Output;
using ForkGuard.Host.Restarts;
using ForkGuard.Kernel.Accounting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ForkGuard.Cli.Watching;

/// <summary>A live table of the worst processes on a terminal; header and events stay above it.</summary>
internal sealed class LiveWatchOutput(IAnsiConsole console, LiveDisplayContext display, TerminalInput? keys)
    : IWatchOutput
{
    private const int MaxRows = 10;

    // Heading, caption and the line of the cursor.
    private const int OtherLines = 4;

    private int _scans;
    private string _lastLine = "";

    /// <summary>Runs a watch within a live display, which stays as it last was, with the last line below it.</summary>
    internal static void Run(IAnsiConsole console, Action<IWatchOutput> watch)
    {
        using var keys = TerminalInput.TryOpen();
        var lastLine = "";
        console
            .Live(new Text(""))
            .AutoClear(false)
            .Overflow(VerticalOverflow.Crop)
            .Start(display =>
            {
                var output = new LiveWatchOutput(console, display, keys);
                watch(output);
                lastLine = output._lastLine;
            });
        console.WriteLine(lastLine);
    }

    public void Begin(in WatchHeader header, WatchPlan plan)
    {
        foreach (var line in WatchText.Header(header, plan, console.Profile.Width))
        {
            console.WriteLine(line);
        }
    }

    public void Show(ScanOutcome outcome, WatchSession session)
    {
        _scans++;
        foreach (var e in outcome.Events)
        {
            // Filled with spaces, since the lines are written over the table.
            var width = console.Profile.Width;
            var lines = TerminalText.Lines(WatchText.Event(e), width).Select(line => line.PadRight(width));
            console.Write(new Text(string.Join('\n', lines) + "\n", StyleOf(e)));
        }

        display.UpdateTarget(
            outcome.Problem is { } problem
                ? new Text($"cannot evaluate: {problem}", new Style(Color.Red))
                : TableOf(outcome, session)
        );
    }

    public void Reloaded(ReloadOutcome reload, DateTimeOffset time)
    {
        var width = console.Profile.Width;
        foreach (var line in WatchText.Reloaded(reload, time).SelectMany(line => TerminalText.Lines(line, width)))
        {
            console.WriteLine(line.PadRight(width));
        }
    }

    public bool TakesKeys => keys is not null;

    public bool IsAskedToEnd()
    {
        while (keys?.Read(TimeSpan.Zero) is { } key)
        {
            if (key == TerminalInput.Quit)
            {
                return true;
            }
        }

        return false;
    }

    public void End(int scans, int events) => _lastLine = WatchText.End(scans, events);

    private Rows TableOf(ScanOutcome outcome, WatchSession session)
    {
        // The terminal echoes ^C behind the last line.
        var columns = console.Profile.Width - 2;
        var ofMachine = outcome.NodeConstraints.Where(ProcessRow.IsAtRisk).ToList();
        var room = Math.Clamp(console.Profile.Height - OtherLines - ofMachine.Count, 1, MaxRows);
        var processes = session.Worst(room, outcome.Time);
        var lines = ProcessTable.Lines(
            [.. ofMachine.Select(ProcessRow.Cells), .. processes.Select(ProcessRow.Cells)],
            columns
        );
        IEnumerable<Style> styles =
        [
            new Style(decoration: Decoration.Bold),
            .. ofMachine.Select(RowColours.Of).Select(StyleOf),
            .. processes.Select(RowColours.Of).Select(StyleOf),
        ];
        return new Rows(
            lines
                .Zip(styles, (line, style) => new Text(line.PadRight(columns), style))
                .Append(new Text(TerminalText.Fit(CaptionOf(outcome), columns).PadRight(columns)))
                .Cast<IRenderable>()
        );
    }

    private string CaptionOf(ScanOutcome outcome)
    {
        var time = outcome.Time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var scan = outcome.Scan;
        var cost = string.Create(CultureInfo.InvariantCulture, $"{scan.DurationMicroseconds / 1000.0:0.0} ms");
        return $"scan {_scans} at {time}: {WatchText.Scan(outcome, worst: null)}, {CommittedOf(outcome)}{cost}; {(TakesKeys ? "q" : "Ctrl-C")} ends";
    }

    // The header stays as it was at the start.
    private static string CommittedOf(ScanOutcome outcome) =>
        outcome.State.Mode == OvercommitMode.Strict ? $"committed {SizeText.Bytes(outcome.State.Committed)}, " : "";

    private static Style StyleOf(WatchEvent e) =>
        e.Type switch
        {
            "ForkImpossible" or "ForkRefused" or UnitEvent.Ineffective => new Style(Color.Red),
            "ForkAtRisk" or "ForkSnapshotAtRisk" or UnitEvent.Restart or UnitEvent.Suppressed => new Style(
                Color.Yellow
            ),
            _ => Style.Plain,
        };

    private static Style StyleOf(RowColour colour) =>
        colour switch
        {
            RowColour.Refusal => new Style(Color.Red),
            RowColour.Warning => new Style(Color.Yellow),
            _ => Style.Plain,
        };
}
