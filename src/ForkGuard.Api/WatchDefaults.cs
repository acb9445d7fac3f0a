namespace ForkGuard.Api;

/// <summary>What counts where a watch says nothing. The CRDs carry the same values.</summary>
public static class WatchDefaults
{
    public const int WarnAtPercent = 70;
    public const int ActAtPercent = 90;

    /// <summary><c>clearBelowPercent</c> is this far below the warning, but not below 0.</summary>
    public const int ClearBelowWarnBy = 10;
    public const int HoldSeconds = 120;
    public const EvaluationMode EvaluateAs = EvaluationMode.Actual;
    public const WatchAction Action = WatchAction.Event;
    public const RestartMethod Method = RestartMethod.Evict;
    public const int CooldownSeconds = 3600;
    public const int MaxConcurrent = 1;
    public const int MinReadyReplicas = 1;
    public const int GiveUpAfter = 3;
    public const int ReportAtPercent = 10;
    public const int ScanSeconds = 15;
}
