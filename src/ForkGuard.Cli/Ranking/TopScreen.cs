using System.Globalization;
using System.Text;
using ForkGuard.Cli.Output;

namespace ForkGuard.Cli.Ranking;

/// <summary>The list on a terminal, which keys sort and filter.</summary>
internal sealed class TopScreen(TextWriter to, TerminalInput? input, TopView view, int maxRows)
{
    private const string Enter = "\u001b[?1049h\u001b[?25l";
    private const string Leave = "\u001b[?25h\u001b[?1049l";
    private const string Home = "\u001b[H";
    private const string ClearLine = "\u001b[K";
    private const string ClearBelow = "\u001b[J";

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    private readonly ViewKeys _keys = new(view);
    private TopScan? _scan;
    private string _problem = "";

    /// <summary>Scans and draws until <c>q</c> or the token ends it.</summary>
    internal void Run(
        Func<(TopScan? Scan, string Problem)> scan,
        TimeSpan interval,
        TimeProvider time,
        CancellationToken stop
    )
    {
        to.Write(Enter);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var begin = time.GetTimestamp();
                (var fresh, _problem) = scan();
                _scan = fresh ?? _scan;
                Draw(time.GetLocalNow());
                while (!stop.IsCancellationRequested && time.GetElapsedTime(begin) < interval)
                {
                    if (Wait(stop) is not { } key)
                    {
                        continue;
                    }

                    if (!_keys.Press(key))
                    {
                        return;
                    }

                    Draw(time.GetLocalNow());
                }
            }
        }
        finally
        {
            to.Write(Leave);
            to.Flush();
        }
    }

    private char? Wait(CancellationToken stop)
    {
        if (input is not null)
        {
            return input.Read(Slice);
        }

        stop.WaitHandle.WaitOne(Slice);
        return null;
    }

    private void Draw(DateTimeOffset time)
    {
        var columns = TerminalWidth.Columns();
        var rows = Math.Max(Console.WindowHeight, 5);
        var screen = new StringBuilder(Home);
        List<string> header = [];
        if (_problem.Length > 0)
        {
            header.AddRange(TerminalText.Lines($"cannot scan: {_problem}", columns));
        }

        header.AddRange(_scan?.Header(columns) ?? []);
        foreach (var line in header)
        {
            Add(screen, TerminalText.Fit(line, columns));
        }

        // Headings and the last line take a row each.
        List<string> advice = [.. (_scan?.Advice(_keys.View, maxRows, columns) ?? []).Take(rows / 4)];
        var room = Math.Clamp(rows - header.Count - advice.Count - 2, 1, maxRows);
        foreach (var (line, colour) in (_scan?.Table(_keys.View, room, columns) ?? []).Take(room + 1))
        {
            Add(screen, RowColours.Paint(line, colour));
        }

        foreach (var line in advice)
        {
            Add(screen, TerminalText.Fit(line, columns));
        }

        screen.Append(TerminalText.Fit(Footer(time), columns)).Append(ClearLine).Append(ClearBelow);
        to.Write(screen);
        to.Flush();
    }

    private static void Add(StringBuilder screen, string line) => screen.Append(line).Append(ClearLine).Append("\r\n");

    private string Footer(DateTimeOffset time)
    {
        var clock = time.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return $"{clock}  {_keys.Footer}";
    }
}
