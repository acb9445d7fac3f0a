using System.Globalization;
using System.Text;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Judging;

/// <summary>Everything that was tried, as a table in artifacts/lab/report.md.</summary>
public sealed class LabReport : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Trial> _trials = [];
    private readonly List<(string Kernel, long Pages)> _offsets = [];

    internal void Add(IEnumerable<Trial> trials)
    {
        lock (_lock)
        {
            _trials.AddRange(trials);
        }
    }

    /// <summary>A distance, measured in mode 2, between the limit forkguard tells and the one the kernel keeps.</summary>
    internal void AddOffset(string kernel, long pages)
    {
        lock (_lock)
        {
            _offsets.Add((kernel, pages));
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
                    $"| {row.Key.Kernel} | {row.Key.Mode} | {row.DistinctBy(t => (t.Scenario, t.Layout)).Count()} | {row.Count()} | {row.Count(t => t.Fork.IsRefused)} | {row.Count(t => t.IsWrongOutsideItsError)} | {row.Count(t => t.IsWrong && !t.IsWrongOutsideItsError)} | {row.Max(t => t.ErrorPages)} | {Witnesses(row, Witness.Agrees)}, {Witnesses(row, Witness.Contradicts)}, {Witnesses(row, Witness.Silenced)} |"
                );
            }

            Line(
                text,
                $"\n| kernel | mode 2: limits searched by forks | offsets in pages, smallest to largest | exact |"
            );
            Line(text, $"|---|---|---|---|");
            foreach (
                var row in _offsets
                    .GroupBy(o => o.Kernel, StringComparer.Ordinal)
                    .OrderBy(g => g.Key, StringComparer.Ordinal)
            )
            {
                Line(
                    text,
                    $"| {row.Key} | {row.Count()} | {row.Min(o => o.Pages)} to {row.Max(o => o.Pages)} | {row.Count(o => o.Pages == 0)} |"
                );
            }

            return text.ToString();
        }
    }

    private static int Witnesses(IEnumerable<Trial> trials, Witness witness) => trials.Count(t => t.Witness == witness);

    private static void Line(StringBuilder to, FormattableString text) =>
        to.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
