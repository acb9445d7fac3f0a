using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Accounting;
using Spectre.Console;

namespace ForkGuard.Cli.Watching;

/// <summary>A live table of the worst processes on a terminal; header and events stay above it.</summary>
internal sealed class LiveWatchOutput(IAnsiConsole console, LiveDisplayContext display) : IWatchOutput
{
    private const int Rows = 10;

    private int _scans;
    private string _lastWord = "";

    /// <summary>Runs a watch within a live display, which is left as it last was, with the last word below it.</summary>
    internal static void Run(IAnsiConsole console, Action<IWatchOutput> watch)
    {
        var lastWord = "";
        console
            .Live(new Text(""))
            .AutoClear(false)
            .Overflow(VerticalOverflow.Crop)
            .Start(display =>
            {
                var output = new LiveWatchOutput(console, display);
                watch(output);
                lastWord = output._lastWord;
            });
        console.WriteLine(lastWord);
    }

    public void Begin(in KernelState state, string release, WatchPlan plan)
    {
        foreach (var line in WatchText.Header(state, release, plan, console.Profile.Width))
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
                ? new Text($"cannot judge: {problem}", new Style(Color.Red))
                : TableOf(session.Worst(Rows, outcome.Time), outcome)
        );
    }

    public void End(int scans, int events) => _lastWord = WatchText.End(scans, events);

    private Table TableOf(IReadOnlyList<ProcessReport> worst, ScanOutcome outcome)
    {
        var shown = ProcessRow.ColumnsFor(console.Profile.Width);
        var table = new Table().Border(TableBorder.Simple).Caption(CaptionOf(outcome));
        foreach (var i in shown)
        {
            var column = new TableColumn(ProcessRow.Headings[i]).NoWrap();
            table.AddColumn(ProcessRow.IsNumeric(i) ? column.RightAligned() : column);
        }

        foreach (var process in worst)
        {
            var cells = ProcessRow.Cells(process);
            table.AddRow(shown.Select(i => new Text(cells[i], StyleOf(process))));
        }

        return table;
    }

    private string CaptionOf(ScanOutcome outcome)
    {
        var time = outcome.Time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var scan = outcome.Scan;
        var cost = string.Create(CultureInfo.InvariantCulture, $"{scan.DurationMicroseconds / 1000.0:0.0} ms");
        return Markup.Escape($"scan {_scans} at {time}: {WatchText.Scan(outcome, worst: null)}, {cost}; Ctrl-C ends");
    }

    private static Style StyleOf(WatchEvent e) =>
        e.Type switch
        {
            "ForkImpossible" => new Style(Color.Red),
            "ForkAtRisk" => new Style(Color.Yellow),
            _ => Style.Plain,
        };

    private static Style StyleOf(ProcessReport process) =>
        process.Verdict switch
        {
            Verdict.CannotFork => new Style(Color.Red),
            Verdict.Unknown => new Style(Color.Yellow),
            _ when process.LimitBytes is not null && process.Percent >= WatchDefaults.WarnAtPercent => new Style(
                Color.Yellow
            ),
            _ => Style.Plain,
        };
}
