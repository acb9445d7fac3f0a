namespace ForkGuard.Host.Restarts;

/// <summary>An event about the restart of a unit.</summary>
/// <param name="Type">Its reason, such as ForkRestart.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Watch">The watch, as in <c>ClusterForkWatch/host</c>.</param>
/// <param name="Message">A sentence.</param>
internal sealed record UnitEvent(string Type, string Unit, string Watch, string Message)
{
    internal const string Restart = "ForkRestart";
    internal const string Helped = "ForkRestartHelped";
    internal const string Ineffective = "ForkRestartIneffective";
    internal const string Ended = "ForkRestartEnded";
    internal const string Suppressed = "ForkRestartSuppressed";
}
