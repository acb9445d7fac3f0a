using CsCheck;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Tests.Risk;

/// <summary>Properties of every history. The conditions are restated here from the API's words alone.</summary>
public class EvaluatorPropertyTests
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
                seen.UnionWith(steps.SelectMany(s => s.Emitted));
                acted |= steps.Exists(s => s.Evaluated.Action.Allowed);
            },
            iter: 1000,
            threads: 1
        );

        Assert.Equal(
            [
                RiskAnnouncementType.ForkAtRisk,
                RiskAnnouncementType.ForkNearLimit,
                RiskAnnouncementType.ForkImpossible,
                RiskAnnouncementType.ForkRefused,
                RiskAnnouncementType.ForkRecovered,
            ],
            seen.Order()
        );
        Assert.True(acted);
    }

    [Fact]
    public void Warns_of_a_risk_only_after_the_full_hold() =>
        Always(steps =>
            Enumerable.Range(0, steps.Count).Where(i => steps[i].WarnsOfRisk).All(i => LastsForTheHold(steps, i, Warns))
        );

    [Fact]
    public void Warns_of_a_risk_only_for_growth_or_refusals() =>
        Always(steps =>
            steps
                .Where(s => s.WarnsOfRisk)
                .All(s => s.Reading.Growing == true || s.Reading.Refused > 0 || s.Reading.Refuses == true)
        );

    [Fact]
    public void Wants_an_action_only_after_the_full_hold() =>
        Always(steps =>
            Enumerable
                .Range(0, steps.Count)
                .Where(i => steps[i].Evaluated.Action.Wanted)
                .All(i => LastsForTheHold(steps, i, Acts))
        );

    [Fact]
    public void Allows_no_action_without_a_warning() =>
        Always(steps =>
            steps.TrueForAll(s =>
                !s.Evaluated.Action.Allowed || !s.Fresh || s.Evaluated.Level is RiskLevel.AtRisk or RiskLevel.Impossible
            )
        );

    [Fact]
    public void Allows_an_action_only_where_a_restart_cures_the_constraint() =>
        Always(steps =>
            steps
                .Where(s => s.Evaluated.Action.Allowed)
                .All(s =>
                    s.Reading.Type.Known
                        is ConstraintType.LargestMapping
                            or ConstraintType.CommitCharge
                            or ConstraintType.Pids
                )
        );

    [Fact]
    public void Emits_and_acts_only_on_fresh_readings() =>
        Always(steps =>
            steps
                .Where(s => !s.Fresh)
                .All(s =>
                    NeverRefuses(s)
                    || (
                        !s.Emitted.Any()
                        && !s.Evaluated.Action.Allowed
                        && (!s.Evaluated.Action.Wanted || s.Evaluated.NeedsFreshReading)
                    )
                )
        );

    [Fact]
    public void Emits_and_acts_on_no_bound_and_no_failed_read() =>
        Always(steps =>
            steps
                .Where(s => s.Reading.Problem is not null || s.Reading.Confidence == Confidence.UpperBound)
                .All(s =>
                    s.Emitted.All(type => type == RiskAnnouncementType.ForkRecovered) && !s.Evaluated.Action.Wanted
                )
        );

    [Fact]
    public void Emits_and_acts_on_no_constraint_that_the_kernel_does_not_apply() =>
        Always(steps =>
            steps
                .Where(NeverRefuses)
                .All(s =>
                    s.Evaluated.Level == RiskLevel.NotApplicable
                    && s.Emitted.All(type => type == RiskAnnouncementType.ForkRecovered)
                    && !s.Evaluated.Action.Wanted
                    && s.Evaluated.Next.WarnSince is null
                )
        );

    [Fact]
    public void Never_acts_on_a_what_if() =>
        Always(steps =>
            steps.Where(s => s.Rule.EvaluateAs != EvaluationMode.Actual).All(s => !s.Evaluated.Action.Allowed)
        );

    [Fact]
    public void Emits_nothing_between_the_clear_and_the_warning_level() =>
        Gen.Select(Histories.Rules, Histories.Readings.List[0, 30], Histories.InBand.List[1, 100])
            .Sample(
                (rule, before, inBand) =>
                {
                    var steps = Histories.Evaluate(rule, before.Concat(inBand));
                    var band = steps.Skip(before.Count).ToList();
                    return band.TrueForAll(s => !s.Emitted.Any())
                        && band.Select(s => s.Evaluated.Level).Distinct().Count() == 1;
                },
                iter: Iterations
            );

    [Fact]
    public void Repeats_an_announcement_after_ten_minutes_or_a_recovery_only() =>
        Always(steps =>
        {
            var last = new Dictionary<RiskAnnouncementType, (double Second, int Count)>();
            foreach (var step in steps)
            {
                foreach (var announcement in step.Evaluated.Evaluation.Announcements)
                {
                    if (announcement.Type == RiskAnnouncementType.ForkRecovered)
                    {
                        last.Clear();
                        continue;
                    }

                    if (announcement.Type == RiskAnnouncementType.ForkRefused)
                    {
                        continue;
                    }

                    var isFirst = !last.TryGetValue(announcement.Type, out var previous);
                    var isTooSoon = step.Second - previous.Second < 600 || announcement.Count != previous.Count + 1;
                    if (isFirst ? announcement.Count != 1 : isTooSoon)
                    {
                        return false;
                    }

                    last[announcement.Type] = (step.Second, announcement.Count);
                }
            }

            return true;
        });

    [Fact]
    public void Emits_a_recovery_once_and_only_after_an_announcement() =>
        Always(steps =>
        {
            var isAnnounced = false;
            foreach (var step in steps)
            {
                if (step.Emitted.Contains(RiskAnnouncementType.ForkRecovered) && !isAnnounced)
                {
                    return false;
                }

                isAnnounced = step.Evaluated.Next.IsAnnounced;
                if (
                    isAnnounced
                    != step.Evaluated.Level is RiskLevel.NearLimit or RiskLevel.AtRisk or RiskLevel.Impossible
                )
                {
                    return false;
                }
            }

            return true;
        });

    private static void Always(Func<List<Step>, bool> property) =>
        Histories.Any.Sample(property, iter: Iterations, print: steps => string.Join('\n', steps));

    // Walks back from the step as long as the condition lasts and readings follow each other: that must cover the hold.
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
        step.Rule.EvaluateAs == EvaluationMode.Actual
        && (
            (step.Reading.Type == ConstraintType.LargestMapping && step.Mode != 0)
            || (step.Reading.Type == ConstraintType.CommitCharge && step.Mode != 2)
        );

    private static bool ProvesNothing(Step step) =>
        step.Reading.Problem is not null
        || (
            step.Reading.Confidence == Confidence.UpperBound
            && (step.Reading.Percent >= step.Rule.WarnAtPercent || IsForecast(step))
        );

    private static long Least(Step step) => step.Reading.Used - (step.Reading.Uncertainty ?? 0);

    private static bool IsForecast(Step step) =>
        step.Reading.Growing == true
        && step.Reading.Type.Known is not null
        && step.Reading.Uncertainty is null
        && step.Rule.Forecast?.TotalSeconds >= step.Reading.SecondsToLimit;

    private static bool IsRefused(Step step) =>
        step.Reading.Type.Known is not null && step.Reading.Refuses == true && Least(step) >= Given.Limit;

    private static bool Warns(Step step) => IsRefused(step) || Least(step) >= 700 || IsForecast(step);

    private static bool Acts(Step step) =>
        IsRefused(step) || Least(step) >= 900 || (IsForecast(step) && Least(step) >= 700);
}
