using ForkGuard.Api;
using ForkGuard.Controller.Watches;

namespace ForkGuard.Controller.Status;

/// <summary>Returns the values that a watch is evaluated by.</summary>
internal static class EffectiveStatus
{
    internal static EffectiveValues Of(Watch watch)
    {
        var (rule, policy) = (watch.Rule, watch.Policy);
        return new EffectiveValues
        {
            WarnAtPercent = rule.WarnAtPercent,
            ActAtPercent = rule.ActAtPercent,
            ClearBelowPercent = rule.ClearBelowPercent,
            HoldSeconds = Seconds(rule.Hold),
            ForecastSeconds = rule.Forecast is { } forecast ? Seconds(forecast) : null,
            EvaluateAs = rule.EvaluateAs,
            Action = rule.Action,
            Restart =
                rule.Action != WatchAction.Restart
                    ? null
                    : new EffectiveRestart
                    {
                        Method = policy.Method,
                        CooldownSeconds = Seconds(policy.Cooldown),
                        MaxConcurrent = policy.MaxConcurrent,
                        MinReadyReplicas = policy.MinReadyReplicas,
                        MaxIneffectiveRestarts = policy.MaxIneffectiveRestarts,
                        GracePeriodSeconds = policy.GracePeriodSeconds,
                        AllowLocalStorage = policy.AllowLocalStorage,
                        DryRun = rule.DryRun,
                    },
        };
    }

    private static int Seconds(TimeSpan time) => (int)time.TotalSeconds;
}
