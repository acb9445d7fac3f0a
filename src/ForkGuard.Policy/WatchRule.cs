using ForkGuard.Api;

namespace ForkGuard.Policy;

/// <summary>The thresholds of one watch with every default filled in. Percentages are of the binding limit, 0 to 100.</summary>
public sealed record WatchRule
{
    /// <summary>The watch's name, for those who print it; it decides nothing.</summary>
    public required string Name { get; init; }

    /// <summary>Warn from this percentage on.</summary>
    public required int WarnAtPercent { get; init; }

    /// <summary>Act from this percentage on; never below <see cref="WarnAtPercent"/>.</summary>
    public required int ActAtPercent { get; init; }

    /// <summary>Recovered below this percentage.</summary>
    public required int ClearBelowPercent { get; init; }

    /// <summary>How long a condition must last before it counts; zero counts at once.</summary>
    public required TimeSpan Hold { get; init; }

    /// <summary>Warn also when growth reaches the limit within this time; null means no forecast.</summary>
    public TimeSpan? Forecast { get; init; }

    /// <summary>Anything but <see cref="EvaluationMode.Actual"/> is a what-if: it is announced and never acted on.</summary>
    public required EvaluationMode EvaluateAs { get; init; }

    /// <summary>What everything that is said by a what-if begins with; empty for <see cref="EvaluationMode.Actual"/>.</summary>
    public string WhatIfPrefix =>
        EvaluateAs switch
        {
            EvaluationMode.Heuristic => "what if heuristic: ",
            EvaluationMode.Strict => "what if strict: ",
            _ => "",
        };

    public required WatchAction Action { get; init; }
    public required bool Paused { get; init; }
    public required bool DryRun { get; init; }

    /// <summary>The rule of a watch whose spec has passed the validator.</summary>
    public static WatchRule From(string name, WatchSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var warn = spec.WarnAtPercent ?? WatchDefaults.WarnAtPercent;
        return new WatchRule
        {
            Name = name,
            WarnAtPercent = warn,
            // The default action level may lie below a warning level that the watch raised.
            ActAtPercent = Math.Max(warn, spec.ActAtPercent ?? WatchDefaults.ActAtPercent),
            ClearBelowPercent = spec.ClearBelowPercent ?? WatchDefaults.ClearBelow(warn),
            Hold = TimeSpan.FromSeconds(spec.HoldSeconds ?? WatchDefaults.HoldSeconds),
            Forecast = spec.ForecastSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            EvaluateAs = spec.EvaluateAs ?? WatchDefaults.EvaluateAs,
            Action = spec.Action ?? WatchDefaults.Action,
            Paused = spec.Paused ?? false,
            DryRun = spec.Restart?.DryRun ?? false,
        };
    }
}
