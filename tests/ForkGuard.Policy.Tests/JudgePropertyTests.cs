using CsCheck;
using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

/// <summary>What must never happen, whatever the history. The conditions are restated here from the API's words alone.</summary>
public class JudgePropertyTests
{
    private const int Iterations = 5000;

    [Fact]
    public void The_histories_warn_recover_and_act_so_the_properties_are_not_empty()
    {
        var seen = new HashSet<RiskAnnouncementType>();
        var acted = false;
        Histories.Any.Sample(
            steps =>
            {
                seen.UnionWith(steps.Where(s => s.Said is not null).Select(s => s.Said!.Value));
                acted |= steps.Exists(s => s.Judgement.Action.Allowed);
            },
            iter: 1000,
            threads: 1
        );

        Assert.Equal(3, seen.Count);
        Assert.True(acted);
    }

    [Fact]
    public void No_first_warning_without_the_full_hold() =>
        Always(steps =>
            Enumerable
                .Range(0, steps.Count)
                .Where(i => steps[i].WarnsOfRisk && !WasAtRiskBefore(steps, i))
                .All(i => LastsForTheHold(steps, i, Warns))
        );

    [Fact]
    public void No_action_without_the_full_hold() =>
        Always(steps =>
            Enumerable
                .Range(0, steps.Count)
                .Where(i => steps[i].Judgement.Action.Wanted)
                .All(i => LastsForTheHold(steps, i, Acts))
        );

    [Fact]
    public void No_action_without_a_warning() =>
        Always(steps =>
            steps.TrueForAll(s =>
                !s.Judgement.Action.Allowed || s.Judgement.Level is RiskLevel.AtRisk or RiskLevel.Impossible
            )
        );

    [Fact]
    public void Neither_action_nor_warning_on_a_reading_that_is_not_fresh() =>
        Always(steps =>
            steps
                .Where(s => !s.Fresh)
                .All(s =>
                    !s.WarnsOfRisk
                    && !s.Judgement.Action.Allowed
                    && (!s.Judgement.Action.Wanted || s.Judgement.NeedsFreshReading)
                )
        );

    [Fact]
    public void Neither_action_nor_warning_on_a_bound_or_an_unknown_verdict() =>
        Always(steps =>
            steps
                .Where(s => s.Reading is { Confidence: Confidence.Estimate, ErrorBytes: null })
                .All(s => !s.WarnsOfRisk && !s.Judgement.Action.Wanted)
        );

    [Fact]
    public void Neither_action_nor_warning_where_accounting_never_refuses() =>
        Always(steps =>
            steps
                .Where(NeverRefuses)
                .All(s =>
                    s.Judgement.Level == RiskLevel.NotApplicable
                    && !s.WarnsOfRisk
                    && !s.Judgement.Action.Wanted
                    && s.Judgement.Next.WarnSince is null
                )
        );

    [Fact]
    public void Never_an_action_on_a_what_if() =>
        Always(steps =>
            steps
                .Where(s => s.Rule.EvaluateAs != EvaluationMode.Actual)
                .All(s =>
                    !s.Judgement.Action.Allowed
                    && s.Judgement.Announcement?.Reason.StartsWith("what if strict: ", StringComparison.Ordinal)
                        != false
                )
        );

    [Fact]
    public void In_the_hysteresis_band_nothing_is_said_whatever_came_before() =>
        Gen.Select(Histories.Rules, Histories.Readings.List[0, 30], Histories.InBand.List[1, 100])
            .Sample(
                (rule, before, inBand) =>
                {
                    var steps = Histories.Judge(rule, before.Concat(inBand));
                    var band = steps.Skip(before.Count).ToList();
                    return band.TrueForAll(s => s.Said is null)
                        && band.Select(s => s.Judgement.Level).Distinct().Count() == 1;
                },
                iter: Iterations
            );

    [Fact]
    public void The_same_warning_comes_again_after_ten_minutes_or_a_recovery_only() =>
        Always(steps =>
        {
            var last = new Dictionary<RiskAnnouncementType, (double Second, int Count)>();
            foreach (var step in steps.Where(s => s.Said is not null))
            {
                if (step.Said == RiskAnnouncementType.ForkRecovered)
                {
                    last.Clear();
                    continue;
                }

                var count = step.Judgement.Announcement!.Count;
                var isFirst = !last.TryGetValue(step.Said!.Value, out var previous);
                if (isFirst ? count != 1 : step.Second - previous.Second < 600 || count != previous.Count + 1)
                {
                    return false;
                }

                last[step.Said.Value] = (step.Second, count);
            }

            return true;
        });

    [Fact]
    public void A_recovery_follows_a_warning_and_is_said_once() =>
        Always(steps =>
        {
            var atRisk = false;
            foreach (var step in steps)
            {
                if (step.Said == RiskAnnouncementType.ForkRecovered && !atRisk)
                {
                    return false;
                }

                atRisk = step.WarnsOfRisk || (atRisk && step.Said is null);
                if (atRisk != step.Judgement.Level is RiskLevel.AtRisk or RiskLevel.Impossible)
                {
                    return false;
                }
            }

            return true;
        });

    private static void Always(Func<List<Step>, bool> property) =>
        Histories.Any.Sample(property, iter: Iterations, print: steps => string.Join('\n', steps));

    private static bool WasAtRiskBefore(List<Step> steps, int at) =>
        at > 0 && steps[at - 1].Judgement.Level is RiskLevel.AtRisk or RiskLevel.Impossible;

    // Walks back from the step as long as the condition lasts and somebody looked: that must cover the hold.
    private static bool LastsForTheHold(List<Step> steps, int at, Func<Step, bool> condition)
    {
        var since = steps[at].Second;
        for (var i = at; i >= 0; i--)
        {
            var step = steps[i];
            if (NeverRefuses(step) || since - step.Second > 3 * Given.Scan.TotalSeconds)
            {
                break;
            }

            if (ProvesNothing(step))
            {
                continue;
            }

            if (!condition(step))
            {
                break;
            }

            since = step.Second;
        }

        return steps[at].Second - since >= steps[at].Rule.Hold.TotalSeconds;
    }

    private static bool NeverRefuses(Step step) =>
        step.Reading.Verdict == Verdict.NotApplicable
        || (step.Rule.EvaluateAs == EvaluationMode.Actual && step.Mode == 1);

    private static bool ProvesNothing(Step step) =>
        step.Reading is { Confidence: Confidence.Estimate, ErrorBytes: null }
        && (step.Reading.Verdict == Verdict.Unknown || step.Reading.Percent >= step.Rule.WarnAtPercent);

    private static long Least(Step step) => step.Reading.UsedBytes - (step.Reading.ErrorBytes ?? 0);

    private static bool IsForecast(Step step) =>
        step.Reading.Confidence == Confidence.Exact && step.Rule.Forecast?.TotalSeconds >= step.Reading.SecondsToLimit;

    private static bool IsRefused(Step step) =>
        step.Reading.Verdict == Verdict.CannotFork && Least(step) >= Given.Limit;

    private static bool Warns(Step step) => IsRefused(step) || Least(step) >= 700 || IsForecast(step);

    private static bool Acts(Step step) =>
        IsRefused(step) || Least(step) >= 900 || (IsForecast(step) && Least(step) >= 700);
}
