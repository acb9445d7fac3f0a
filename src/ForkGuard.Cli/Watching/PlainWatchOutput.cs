namespace ForkGuard.Cli.Watching;

/// <summary>A header, the first scan in a line, and then one line per event: for a pipe or a log.</summary>
internal sealed class PlainWatchOutput(TextWriter to, int columns) : IWatchOutput
{
    private bool _isFirst = true;
    private string? _lastProblem;

    public void Begin(in WatchHeader header, WatchPlan plan)
    {
        foreach (var line in WatchText.Header(header, plan, columns))
        {
            to.WriteLine(line);
        }

        to.Flush();
    }

    public void Show(ScanOutcome outcome, WatchSession session)
    {
        if (outcome.Problem is not null && outcome.Problem != _lastProblem)
        {
            to.WriteLine($"cannot evaluate: {outcome.Problem}");
        }

        _lastProblem = outcome.Problem;
        if (_isFirst && outcome.Problem is null)
        {
            to.WriteLine(
                $"first scan: {WatchText.Scan(outcome, session.Worst(1, outcome.Time) is [var worst, ..] ? worst : null)}"
            );
            _isFirst = false;
        }

        foreach (var e in outcome.Events)
        {
            to.WriteLine(WatchText.Event(e));
        }

        to.Flush();
    }

    public void Reloaded(ReloadOutcome reload, DateTimeOffset time)
    {
        foreach (var line in WatchText.Reloaded(reload, time))
        {
            to.WriteLine(line);
        }

        to.Flush();
    }

    public void End(int scans, int events)
    {
        to.WriteLine(WatchText.End(scans, events));
        to.Flush();
    }
}
