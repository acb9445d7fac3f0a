namespace ForkGuard.Api;

/// <summary>Values of fields that a watch does not set. The CRDs have the same values.</summary>
public static class WatchDefaults
{
    public const int WarnAtPercent = 70;
    public const int ActAtPercent = 90;

    /// <summary><c>clearBelowPercent</c>: 10 points below the warning, but at least 1, since nothing is below 0 %.</summary>
    public static int ClearBelow(int warnAtPercent) => Math.Max(1, warnAtPercent - 10);

    public const int HoldSeconds = 120;
    public const EvaluationMode EvaluateAs = EvaluationMode.Actual;
    public const WatchAction Action = WatchAction.Event;
    public const RestartMethod Method = RestartMethod.Evict;
    public const int CooldownSeconds = 3600;
    public const int MaxConcurrent = 1;
    public const int MinReadyReplicas = 1;
    public const int MaxIneffectiveRestarts = 3;
    public const int ReportAtPercent = 10;
    public const int ScanSeconds = 15;
}
