using System.Globalization;
using System.Text;
using ForkGuard.Lab.Tests.Constraints;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Judging;

/// <summary>Everything that was tried, as a table in artifacts/lab/report.md.</summary>
public sealed class LabReport : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Trial> _trials = [];
    private readonly List<StrictOffset> _offsets = [];
    private readonly List<ProgramTrial> _programs = [];
    private readonly List<ConstraintTrial> _constraints = [];
    private readonly List<SaveTrial> _saves = [];

    internal void Add(IEnumerable<Trial> trials)
    {
        lock (_lock)
        {
            _trials.AddRange(trials);
        }
    }

    internal void Add(IEnumerable<ConstraintTrial> trials)
    {
        lock (_lock)
        {
            _constraints.AddRange(trials);
        }
    }

    internal void Add(IEnumerable<SaveTrial> trials)
    {
        lock (_lock)
        {
            _saves.AddRange(trials);
        }
    }

    internal void Add(StrictOffset offset)
    {
        lock (_lock)
        {
            _offsets.Add(offset);
        }
    }

    /// <summary>All that one program did in a mode, in order: the report tells its last fork that worked, and the one refused.</summary>
    internal void Add(IReadOnlyList<ProgramTrial> trials)
    {
        lock (_lock)
        {
            _trials.AddRange(trials.Select(t => t.Trial));
            _programs.AddRange(trials.TakeLast(2));
        }
    }

    public async ValueTask DisposeAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(RepositoryPaths.Artifacts, "lab")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "report.md"), ToMarkdown());
    }

    internal string ToMarkdown()
    {
        lock (_lock)
        {
            var text = new StringBuilder();
            Line(
                text,
                $"Seed {Seed.Run}; {_trials.Count(t => t.Scenario == Scenarios.Random)} verdicts on random layouts.\n"
            );
            Line(
                text,
                $"| kernel | mode | layouts | verdicts | refused forks | wrong | wrong within the stated error | largest error in pages | log lines: agree, contradict, silenced |"
            );
            Line(text, $"|---|---|---|---|---|---|---|---|---|");
            foreach (
                var row in _trials
                    .GroupBy(t => (t.Kernel, t.Verdict.Mode))
                    .OrderBy(g => g.Key.Kernel, StringComparer.Ordinal)
                    .ThenBy(g => g.Key.Mode)
            )
            {
                Line(
                    text,
                    $"| {row.Key.Kernel} | {row.Key.Mode} | {row.DistinctBy(t => (t.Scenario, t.Layout)).Count()} | {row.Count()} | {row.Count(t => t.Fork.IsRefused)} | {row.Count(t => t.IsWrongOutsideItsError)} | {row.Count(t => t.IsWrong && !t.IsWrongOutsideItsError)} | {LargestError(row)} | {Witnesses(row, Witness.Agrees)}, {Witnesses(row, Witness.Contradicts)}, {Witnesses(row, Witness.Silenced)} |"
                );
            }

            Line(
                text,
                $"\n| kernel | limits of mode 2 searched with forks | kernel grants more than the verdict, pages | stated error, pages | Committed_AS of the verdict less the real one, pages |"
            );
            Line(text, $"|---|---|---|---|---|");
            foreach (
                var row in _offsets
                    .GroupBy(o => o.Kernel, StringComparer.Ordinal)
                    .OrderBy(g => g.Key, StringComparer.Ordinal)
            )
            {
                Line(
                    text,
                    $"| {row.Key} | {row.Count()} | {row.Min(o => o.Pages)} to {row.Max(o => o.Pages)} | {row.Max(o => o.StatedPages)} | {row.Min(o => o.CommittedPages)} to {row.Max(o => o.CommittedPages)} |"
                );
            }

            Line(text, $"\n| program | mode | grown to | used, MiB | limit, MiB | `check` | message of the program |");
            Line(text, $"|---|---|---|---|---|---|---|");
            foreach (var trial in _programs.OrderBy(t => t.Program, StringComparer.Ordinal).ThenBy(t => t.Verdict.Mode))
            {
                Line(text, $"{trial.ToMarkdown()}");
            }

            AddConstraints(text);
            AddSaves(text);
            return text.ToString();
        }
    }

    private void AddConstraints(StringBuilder text)
    {
        Line(text, $"\n| constraint | kernel | verdicts | forks refused or killed | wrong |");
        Line(text, $"|---|---|---|---|---|");
        foreach (
            var row in _constraints
                .GroupBy(t => (t.Constraint, t.Machine))
                .OrderBy(g => g.Key.Constraint, StringComparer.Ordinal)
                .ThenBy(g => g.Key.Machine, StringComparer.Ordinal)
        )
        {
            Line(
                text,
                $"| {row.Key.Constraint} | {row.Key.Machine} | {row.Count()} | {row.Count(t => t.IsRefused)} | {row.Count(t => t.IsWrong)} |"
            );
        }
    }

    private void AddSaves(StringBuilder text)
    {
        Line(text, $"\n| kernel | saves | killed | wrong | largest error in pages | one batch a CPU in pages |");
        Line(text, $"|---|---|---|---|---|---|");
        foreach (
            var row in _saves
                .GroupBy(t => (t.Machine, t.BatchBytes))
                .OrderBy(g => g.Key.Machine, StringComparer.Ordinal)
        )
        {
            Line(
                text,
                $"| {row.Key.Machine} | {row.Count()} | {row.Count(t => t.IsKilled)} | {row.Count(t => t.IsWrong)} | {row.Max(t => t.ErrorBytes) / 4096} | {row.Key.BatchBytes / 4096} |"
            );
        }
    }

    /// <summary>Where a limit was searched that is the error; elsewhere at least what the wrong verdicts show.</summary>
    private long LargestError(IGrouping<(string Kernel, int Mode), Trial> row) =>
        row.Select(t => t.ErrorPages)
            .Concat(_offsets.Where(o => row.Key == (o.Kernel, 2)).Select(o => Math.Abs(o.Pages)))
            .Max();

    private static int Witnesses(IEnumerable<Trial> trials, Witness witness) => trials.Count(t => t.Witness == witness);

    private static void Line(StringBuilder to, FormattableString text) =>
        to.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
