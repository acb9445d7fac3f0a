using System.Globalization;
using ForkGuard.Api;

namespace ForkGuard.Policy;

/// <summary>The sentences of the announcements.</summary>
internal static class Reasons
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;
    private const long GiB = 1024 * MiB;
    private const long TiB = 1024 * GiB;

    public static string AtRisk(WatchRule rule, ProcessReport reading, in Evidence evidence, TimeSpan lasted)
    {
        var least = evidence.LeastPercent == evidence.Percent ? "" : "at least ";
        if (evidence.LeastPercent >= rule.WarnAtPercent)
        {
            var time = lasted < TimeSpan.FromSeconds(1) ? "" : $" for {Duration((long)lasted.TotalSeconds)}";
            return Mark(rule, $"{least}{evidence.LeastPercent} % of the limit{time} (warns at {rule.WarnAtPercent} %)");
        }

        var pace = reading.GrowthBytesPerMinute is { } growth ? $"at +{Bytes(growth)}/min " : "";
        var left = Duration(evidence.SecondsToLimit ?? 0);
        var forecast = Duration((long)(rule.Forecast?.TotalSeconds ?? 0));
        return Mark(rule, $"{pace}the limit is reached in {left} (forecast {forecast})");
    }

    public static string Impossible(WatchRule rule, ProcessReport reading) =>
        Mark(
            rule,
            reading.LimitBytes is { } limit
                ? $"a fork is refused: {Bytes(reading.UsedBytes)} against a limit of {Bytes(limit)}"
                : "a fork is refused"
        );

    public static string Cleared(WatchRule rule, in Evidence evidence) =>
        Mark(rule, $"{evidence.Percent} % of the limit (clears below {rule.ClearBelowPercent} %)");

    public static string NeverRefused(WatchRule rule, int overcommitMode) =>
        Mark(
            rule,
            overcommitMode == 1
                ? "the overcommit mode is now 1, which never refuses a fork"
                : "accounting no longer applies to this process"
        );

    public static string Gone(WatchRule rule) => Mark(rule, "the process has ended");

    private static string Mark(WatchRule rule, string sentence) =>
        rule.EvaluateAs switch
        {
            EvaluationMode.Heuristic => "what if heuristic: " + sentence,
            EvaluationMode.Strict => "what if strict: " + sentence,
            _ => sentence,
        };

    // One unit, rounded down: a hold of 119 s has not lasted 2 min.
    private static string Duration(long seconds) =>
        seconds switch
        {
            < 60 => $"{seconds} s",
            < 2 * 3600 => $"{seconds / 60} min",
            < 2 * 86_400 => $"{seconds / 3600} h",
            _ => $"{seconds / 86_400} d",
        };

    private static string Bytes(long bytes) =>
        bytes switch
        {
            >= TiB => Scaled(bytes, TiB, "TiB"),
            >= GiB => Scaled(bytes, GiB, "GiB"),
            >= MiB => Scaled(bytes, MiB, "MiB"),
            _ => Scaled(bytes, KiB, "KiB"),
        };

    private static string Scaled(long bytes, long unit, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / unit:0.#} {name}");
}
