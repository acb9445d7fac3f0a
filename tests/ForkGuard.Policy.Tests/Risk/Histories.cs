using CsCheck;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Tests.Risk;

/// <summary>One evaluation of a random history and its input.</summary>
internal sealed record Step(
    WatchRule Rule,
    double Second,
    ConstraintReport Reading,
    bool Fresh,
    int Mode,
    Evaluated Evaluated
)
{
    public IEnumerable<RiskAnnouncementType> Emitted => Evaluated.Evaluation.Announcements.Select(a => a.Type);

    public bool WarnsOfRisk => Emitted.Any(type => type is RiskAnnouncementType.ForkAtRisk);

    public override string ToString() =>
        $"{Second} s, mode {Mode}: {Reading.Type} {Reading.Confidence} {Reading.Percent} % +-{Reading.Uncertainty}, "
        + $"refuses {Reading.Refuses}, refused {Reading.Refused}, growing {Reading.Growing}, limit in {Reading.SecondsToLimit} s, "
        + $"{Reading.Problem}, fresh {Fresh}, hold {Rule.Hold}, forecast {Rule.Forecast} "
        + $"-> {Evaluated.Level}, emits {string.Join(',', Emitted)}, wants {Evaluated.Action.Wanted} "
        + $"blocked by {string.Join(',', Evaluated.Action.BlockedBy)}";
}

/// <summary>Random histories of one target under one rule, biased towards the levels where something happens.</summary>
internal static class Histories
{
    public static readonly Gen<WatchRule> Rules = Gen.Select(
        Gen.OneOf(0, 30, 120),
        Gen.OneOf<int?>(null, 900),
        Gen.OneOf(EvaluationMode.Actual, EvaluationMode.Actual, EvaluationMode.Strict),
        (hold, forecast, evaluateAs) =>
            WatchRule.From(
                "random",
                new ForkWatchSpec
                {
                    HoldSeconds = hold,
                    ForecastSeconds = forecast,
                    EvaluateAs = evaluateAs,
                    Action = WatchAction.Restart,
                }
            )
    );

    /// <summary>Exact readings between the clear and the warning level, whose forecast, if any, is far away.</summary>
    public static readonly Gen<ConstraintReport> InBand = Gen.Int[60, 69].Select(Given.Exactly);

    private static readonly Gen<int> Percents = Gen.OneOf(
        Gen.OneOf(59, 60, 69, 70, 89, 90, 99, 100, 101),
        Gen.Int[0, 130]
    );

    public static readonly Gen<ConstraintReport> Readings = Gen.Frequency(
        (8, Percents.Select(Given.Exactly)),
        (4, Percents.Select(Given.Steady)),
        (2, Percents.Select(percent => Given.Exactly(percent) with { Growing = null })),
        (2, Percents.Select(Given.UpperBound)),
        (2, Gen.Select(Percents, Gen.Int[0, 20], Given.Estimated)),
        (2, Gen.Const(Given.Unreadable)),
        (2, Gen.Select(Percents, Gen.Long[0, 1200], Given.Growing)),
        (2, Gen.Select(Percents, Gen.Int[0, 100].Nullable(), Given.Committed)),
        (3, Gen.Select(Percents, Gen.Long[0, 3].Nullable(), Given.Pids)),
        (1, Percents.Select(percent => Given.Pids(percent) with { Growing = false })),
        (1, Percents.Select(percent => Given.Exactly(percent) with { Type = new OpenEnum<ConstraintType>("Later") }))
    );

    // Long runs at one level are what completes holds; independent readings never would.
    private static readonly Gen<(int Repeat, double Pause, ConstraintReport Reading, bool Fresh, int? Mode)> Runs =
        Gen.Select(
            Gen.Int[1, 14],
            Gen.OneOf(0, 1, 15, 15, 15, 15, 45, 46, 300, 700.5),
            Readings,
            Gen.Frequency((4, true), (1, false)),
            Gen.Frequency<int?>((10, (int?)null), (1, (int?)1), (1, (int?)2))
        );

    public static readonly Gen<List<Step>> Any = Gen.Select(Rules, Runs.List[1, 25]).Select(Play);

    public static List<Step> Evaluate(WatchRule rule, IEnumerable<ConstraintReport> readings) =>
        Play(rule, [.. readings.Select(reading => (1, 15.0, reading, true, (int?)null))]);

    private static List<Step> Play(
        WatchRule rule,
        List<(int Repeat, double Pause, ConstraintReport Reading, bool Fresh, int? Mode)> runs
    )
    {
        var timeline = new Timeline(rule);
        var steps = new List<Step>();
        var second = 0.0;
        foreach (var (repeat, pause, reading, fresh, chosen) in runs)
        {
            second += pause;
            var mode = chosen ?? (reading.Type == ConstraintType.CommitCharge ? 2 : 0);
            for (var i = 0; i < repeat; i++, second += 15)
            {
                var evaluated = timeline.Evaluate(second, reading, fresh, mode);
                steps.Add(new Step(rule, second, reading, fresh, mode, evaluated));
            }
        }

        return steps;
    }
}
