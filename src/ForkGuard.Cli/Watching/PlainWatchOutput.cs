using ForkGuard.Cli.Output;
using ForkGuard.Host.Restarts;

namespace ForkGuard.Cli.Watching;

/// <summary>A header, the first scan in a line, and then one line per event: for a pipe, a log or the journal.</summary>
internal sealed class PlainWatchOutput(TextWriter to, int columns, bool isJournal) : IWatchOutput
{
    private bool _isFirst = true;
    private string? _lastProblem;

    public void Begin(in WatchHeader header, WatchPlan plan)
    {
        foreach (var line in WatchText.Header(header, plan, columns))
        {
            Write(line);
        }

        to.Flush();
    }

    public void Show(ScanOutcome outcome, WatchSession session)
    {
        if (outcome.Problem is not null && outcome.Problem != _lastProblem)
        {
            Write($"{Priority(Journal.Error)}cannot evaluate: {outcome.Problem}");
        }
        else if (outcome.Problem is null && _lastProblem is not null)
        {
            Write($"{Priority(Journal.Notice)}evaluates again");
        }

        _lastProblem = outcome.Problem;
        if (_isFirst && outcome.Problem is null)
        {
            Write(
                $"first scan: {WatchText.Scan(outcome, session.Worst(1, outcome.Time) is [var worst, ..] ? worst : null)}"
            );
            _isFirst = false;
        }

        foreach (var e in outcome.Events)
        {
            Write(Priority(PriorityOf(e)) + WatchText.Event(e));
        }

        to.Flush();
    }

    public void Reloaded(ReloadOutcome reload, DateTimeOffset time)
    {
        var priority = reload.Errors.Count > 0 ? Priority(Journal.Error) : "";
        foreach (var line in WatchText.Reloaded(reload, time))
        {
            Write(priority + line);
        }

        to.Flush();
    }

    public void End(int scans, int events)
    {
        Write(WatchText.End(scans, events));
        to.Flush();
    }

    private void Write(string text)
    {
        foreach (var line in TerminalText.IndentedLines(text, columns))
        {
            to.WriteLine(line);
        }
    }

    private string Priority(string priority) => isJournal ? priority : "";

    private static string PriorityOf(WatchEvent e) =>
        e.Type switch
        {
            "ForkImpossible" or "ForkRefused" or UnitEvent.Ineffective => Journal.Error,
            "ForkAtRisk" or "ForkSnapshotAtRisk" or UnitEvent.Restart or UnitEvent.Suppressed => Journal.Warning,
            _ => Journal.Notice,
        };
}
