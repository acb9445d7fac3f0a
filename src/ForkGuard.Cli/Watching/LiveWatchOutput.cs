using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Cli.Output;
using ForkGuard.Cli.Ranking;
using ForkGuard.Host.Restarts;
using ForkGuard.Kernel.Accounting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ForkGuard.Cli.Watching;

/// <summary>A live table of the worst processes on a terminal; header and events stay above it.</summary>
/// <param name="console">The terminal.</param>
/// <param name="display">The live display of that terminal.</param>
/// <param name="readKey">Returns the next key that was pressed, if any. Null without a terminal to read from.</param>
internal sealed class LiveWatchOutput(IAnsiConsole console, LiveDisplayContext display, Func<char?>? readKey)
    : IWatchOutput
{
    private const int MaxRows = 10;

    // Heading, caption, keys and the line of the cursor.
    private const int OtherLines = 5;

    private readonly ViewKeys _keys = new(new TopView(TopView.Worst, ""));
    private (ScanOutcome Outcome, WatchSession Session)? _last;
    private int _scans;
    private string _lastLine = "";

    /// <summary>Runs a watch within a live display, which stays as it last was, with the last line below it.</summary>
    internal static void Run(IAnsiConsole console, Action<IWatchOutput> watch)
    {
        using var input = TerminalInput.TryOpen();
        Func<char?>? readKey = input is null ? null : () => input.Read(TimeSpan.Zero);
        var lastLine = "";
        console
            .Live(new Text(""))
            .AutoClear(false)
            .Overflow(VerticalOverflow.Crop)
            .Start(display =>
            {
                var output = new LiveWatchOutput(console, display, readKey);
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

        _last = (outcome, session);
        Draw();
    }

    public void Reloaded(ReloadOutcome reload, DateTimeOffset time)
    {
        var width = console.Profile.Width;
        foreach (var line in WatchText.Reloaded(reload, time).SelectMany(line => TerminalText.Lines(line, width)))
        {
            console.WriteLine(line.PadRight(width));
        }
    }

    public bool TakesKeys => readKey is not null;

    public bool HandleKeys()
    {
        try
        {
            var isPressed = false;
            while (readKey?.Invoke() is { } key)
            {
                isPressed = true;
                if (!_keys.Press(key))
                {
                    return false;
                }
            }

            if (isPressed)
            {
                Draw();
            }
        }
        catch (OutOfMemoryException)
        {
            // The next scan draws.
        }

        return true;
    }

    public void End(int scans, int events) => _lastLine = WatchText.End(scans, events);

    private void Draw()
    {
        if (_last is not var (outcome, session))
        {
            return;
        }

        display.UpdateTarget(
            outcome.Problem is { } problem
                ? new Text($"cannot evaluate: {problem}", new Style(Color.Red))
                : TableOf(outcome, session)
        );
    }

    private Rows TableOf(ScanOutcome outcome, WatchSession session)
    {
        // The terminal echoes ^C behind the last line.
        var columns = console.Profile.Width - 2;
        var room = Math.Clamp(console.Profile.Height - OtherLines, 1, MaxRows);
        var processes = session.Worst(_keys.View.IsDefault ? room : RankedTable.Candidates, outcome.Time);
        var rows = RankedTable.Lines(outcome.NodeConstraints, processes, _keys.View, room, columns);
        string[] footer = [CaptionOf(outcome), TakesKeys ? _keys.Footer : "Ctrl-C ends"];
        return new Rows(
            rows.Take(room + 1)
                .Select(row => new Text(row.Line.PadRight(columns), StyleOf(row.Colour)))
                .Concat(footer.Select(line => new Text(TerminalText.Fit(line, columns).PadRight(columns))))
                .Cast<IRenderable>()
        );
    }

    private string CaptionOf(ScanOutcome outcome)
    {
        var time = outcome.Time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var scan = outcome.Scan;
        var cost = string.Create(CultureInfo.InvariantCulture, $"{scan.DurationMicroseconds / 1000.0:0.0} ms");
        return $"scan {_scans} at {time}: {WatchText.Scan(outcome, worst: null)}, {CommittedOf(outcome)}{cost}";
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
            RowColour.Heading => new Style(decoration: Decoration.Bold),
            _ => Style.Plain,
        };
}
