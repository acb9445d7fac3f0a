using System.Globalization;

namespace ForkGuard.Faults.Tests.Checking;

/// <summary>One fault of the table: every try of it.</summary>
/// <param name="name">The fault.</param>
internal sealed class FaultRow(string name)
{
    private readonly List<Outcome> _outcomes = [];
    private readonly List<string> _defects = [];

    internal string Name => name;

    /// <summary>Counts a try, and writes the row for the report.</summary>
    internal void Add(Outcome outcome, string? place)
    {
        lock (_outcomes)
        {
            _outcomes.Add(outcome);
            _defects.AddRange(outcome.Defects.Select(defect => $"{name}, {place}: {defect}"));
            FaultReport.Keep(this, ToString());
        }

        FaultReport.Log(
            $"{name}, {place}: {outcome.Restarts} restarts, {string.Join(' ', outcome.Results)}, "
                + $"{outcome.Recovery.TotalSeconds:F1} s {string.Join("; ", outcome.Defects)}"
        );
    }

    /// <summary>Fails if anything was false, double or lost.</summary>
    internal void End()
    {
        Assert.NotEmpty(_outcomes);
        Assert.Empty(_defects);
    }

    /// <summary>A row of a table in Markdown.</summary>
    public override string ToString()
    {
        var recoveries = _outcomes.Select(outcome => outcome.Recovery.TotalSeconds).Order().ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {_outcomes.Count} | {_outcomes.Sum(o => o.Restarts)} | {_outcomes.Sum(o => o.False.Count)} | {_outcomes.Sum(o => o.Double.Count)} | {_outcomes.Sum(o => o.Lost.Count)} | {recoveries[recoveries.Count / 2]:F0} s, at most {recoveries[^1]:F0} s | {Results()} |"
        );
    }

    private string Results() =>
        string.Join(
            ", ",
            _outcomes
                .SelectMany(outcome => outcome.Results)
                .GroupBy(result => result, StringComparer.Ordinal)
                .OrderByDescending(group => group.Count())
                .Select(group => $"{group.Count()} {group.Key}")
        );
}
