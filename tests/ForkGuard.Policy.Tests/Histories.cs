using CsCheck;
using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

/// <summary>One judgement of a random history, and what went into it.</summary>
internal sealed record Step(
    WatchRule Rule,
    double Second,
    ProcessReport Reading,
    bool Fresh,
    int Mode,
    Judgement Judgement
)
{
    public RiskAnnouncementType? Said => Judgement.Announcement?.Type;
    public bool WarnsOfRisk => Said is RiskAnnouncementType.ForkAtRisk or RiskAnnouncementType.ForkImpossible;

    public override string ToString() =>
        $"{Second} s, mode {Mode}: {Reading.Verdict} {Reading.Confidence} {Reading.Percent} % +-{Reading.ErrorBytes}, "
        + $"limit in {Reading.SecondsToLimit} s, fresh {Fresh}, hold {Rule.Hold}, forecast {Rule.Forecast} "
        + $"-> {Judgement.Level}, says {Said}, wants {Judgement.Action.Wanted}";
}

/// <summary>Random histories of one process under one rule, biased towards the levels where something happens.</summary>
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

    /// <summary>Exact readings whose forecast, if any, is far away; in the hysteresis band nearly half of the time.</summary>
    public static readonly Gen<ProcessReport> InBand = Gen.Int[60, 69].Select(Given.Exactly);

    private static readonly Gen<int> Percents = Gen.OneOf(
        Gen.OneOf(59, 60, 69, 70, 89, 90, 99, 100, 101),
        Gen.Int[0, 130]
    );

    public static readonly Gen<ProcessReport> Readings = Gen.Frequency(
        (8, Percents.Select(Given.Exactly)),
        (2, Percents.Select(Given.UpperBound)),
        (2, Gen.Select(Percents, Gen.Int[0, 20], Given.Estimated)),
        (2, Percents.Select(Given.Unreadable)),
        (2, Gen.Select(Percents, Gen.Long[0, 1200], Given.Growing)),
        (2, Gen.Select(Percents, Gen.Int[0, 100].Nullable(), Given.Committed)),
        (1, Gen.Const(Given.NeverRefused))
    );

    // Long runs at one level are what completes holds; independent readings never would.
    private static readonly Gen<(int Repeat, double Pause, ProcessReport Reading, bool Fresh, int Mode)> Runs =
        Gen.Select(
            Gen.Int[1, 14],
            Gen.OneOf(0, 1, 15, 15, 15, 15, 45, 46, 300, 700.5),
            Readings,
            Gen.Frequency((4, true), (1, false)),
            Gen.Frequency((10, 0), (2, 2), (1, 1))
        );

    public static readonly Gen<List<Step>> Any = Gen.Select(Rules, Runs.List[1, 25]).Select(Play);

    public static List<Step> Judge(WatchRule rule, IEnumerable<ProcessReport> readings) =>
        Play(rule, [.. readings.Select(reading => (1, 15.0, reading, true, 0))]);

    private static List<Step> Play(
        WatchRule rule,
        List<(int Repeat, double Pause, ProcessReport Reading, bool Fresh, int Mode)> runs
    )
    {
        var timeline = new Timeline(rule);
        var steps = new List<Step>();
        var second = 0.0;
        foreach (var (repeat, pause, reading, fresh, mode) in runs)
        {
            second += pause;
            for (var i = 0; i < repeat; i++, second += 15)
            {
                var judgement = timeline.Judge(second, reading, fresh, mode);
                steps.Add(new Step(rule, second, reading, fresh, mode, judgement));
            }
        }

        return steps;
    }
}
