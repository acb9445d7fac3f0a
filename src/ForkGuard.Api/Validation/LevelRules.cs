namespace ForkGuard.Api.Validation;

/// <summary>The rules of levels and times: each in its range, and clear below warn, and warn not above act.</summary>
internal static class LevelRules
{
    private const string Warn = "warnAtPercent";
    private const string Act = "actAtPercent";
    private const string Clear = "clearBelowPercent";
    private const int Day = 86_400;
    private const int Week = 604_800;
    private const int Minute = 60;

    public static void Check(WatchSpec spec, Findings findings)
    {
        var warnFits = Range("spec." + Warn, spec.WarnAtPercent, 1, 100, findings);
        var actFits = Range("spec." + Act, spec.ActAtPercent, 1, 100, findings);
        var clearFits = Range("spec." + Clear, spec.ClearBelowPercent, 1, 99, findings);
        Range("spec.holdSeconds", spec.HoldSeconds, 0, Day, findings);
        Range("spec.forecastSeconds", spec.ForecastSeconds, Minute, Week, findings);
        if (warnFits && actFits)
        {
            CheckWarnAndAct(spec, findings);
        }

        // Without a value of its own the clearing level follows the warning and is never above it.
        var warn = spec.WarnAtPercent ?? WatchDefaults.WarnAtPercent;
        if (warnFits && clearFits && spec.ClearBelowPercent >= warn)
        {
            findings.Add(
                "spec." + Clear,
                $"is {spec.ClearBelowPercent} but must be below {Effective(Warn, spec.WarnAtPercent, warn)}",
                "spec." + Warn
            );
        }
    }

    /// <summary>Reports whether the value may be compared with others: it is absent or within its range.</summary>
    public static bool Range(string path, int? value, int smallest, int largest, Findings findings)
    {
        if (value is null || (value >= smallest && value <= largest))
        {
            return true;
        }

        findings.Add(path, $"is {value} but must be from {smallest} to {largest}");
        return false;
    }

    private static void CheckWarnAndAct(WatchSpec spec, Findings findings)
    {
        var warn = spec.WarnAtPercent ?? WatchDefaults.WarnAtPercent;
        var act = spec.ActAtPercent ?? WatchDefaults.ActAtPercent;
        if (warn <= act)
        {
            return;
        }

        if (spec.ActAtPercent is null)
        {
            findings.Add(
                "spec." + Warn,
                $"is {warn} but must not be above {Effective(Act, null, act)}; lower it, or give {Act} too",
                "spec." + Act
            );
            return;
        }

        var cure = spec.WarnAtPercent is null ? $"; raise it, or give {Warn} too" : "";
        findings.Add(
            "spec." + Act,
            $"is {act} but must not be below {Effective(Warn, spec.WarnAtPercent, warn)}{cure}",
            "spec." + Warn
        );
    }

    private static string Effective(string name, int? given, int value) =>
        given is null ? $"{name}, which is {value} by default" : $"{name} ({value})";
}
