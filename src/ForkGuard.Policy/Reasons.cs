using ForkGuard.Api;

namespace ForkGuard.Policy;

/// <summary>The sentences of the announcements.</summary>
internal static class Reasons
{
    public static string AtRisk(WatchRule rule, ProcessReport reading, in Evidence evidence, TimeSpan lasted)
    {
        var least = evidence.LeastPercent == evidence.Percent ? "" : "at least ";
        if (evidence.LeastPercent >= rule.WarnAtPercent)
        {
            var time = lasted < TimeSpan.FromSeconds(1) ? "" : $" for {SizeText.Duration((long)lasted.TotalSeconds)}";
            return Mark(rule, $"{least}{evidence.LeastPercent} % of the limit{time} (warns at {rule.WarnAtPercent} %)");
        }

        var pace = reading.GrowthBytesPerMinute is { } growth ? $"at +{SizeText.Bytes(growth)}/min " : "";
        var left = SizeText.Duration(evidence.SecondsToLimit ?? 0);
        var forecast = SizeText.Duration((long)(rule.Forecast?.TotalSeconds ?? 0));
        return Mark(rule, $"{pace}the limit is reached in {left} (forecast {forecast})");
    }

    public static string Impossible(WatchRule rule, ProcessReport reading) =>
        Mark(
            rule,
            reading.LimitBytes is { } limit
                ? $"a fork is refused, {SizeText.Bytes(Math.Max(0, reading.UsedBytes - (reading.ForkChildBytes ?? 0) - limit))} over the limit"
                : "a fork is refused"
        );

    public static string Cleared(WatchRule rule, in Evidence evidence) =>
        Mark(rule, $"{evidence.Percent} % of the limit (clears below {rule.ClearBelowPercent} %)");

    public static string NeverRefused(WatchRule rule, int overcommitMode) =>
        Mark(
            rule,
            rule.EvaluateAs == EvaluationMode.Actual && overcommitMode == 1
                ? "the overcommit mode is now 1, which never refuses a fork"
                : "accounting no longer applies to this process"
        );

    public static string Gone(WatchRule rule) => Mark(rule, "the process has ended");

    public static string NoLongerReported(WatchRule rule) =>
        Mark(rule, $"ended, or well below the limit (clears below {rule.ClearBelowPercent} %)");

    private static string Mark(WatchRule rule, string sentence) => rule.WhatIfPrefix + sentence;
}
