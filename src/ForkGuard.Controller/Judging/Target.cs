using ForkGuard.Api;

namespace ForkGuard.Controller.Judging;

/// <summary>
/// What a hold belongs to: a container of a pod by uid, whichever process in it is the worst, or a command of a unit on a
/// node. The members that do not apply are empty.
/// </summary>
internal readonly record struct Target(string PodUid, string Container, string Node, string Unit, string Command)
{
    internal bool IsPod => PodUid.Length > 0;

    /// <summary>The target of a reported process.</summary>
    /// <param name="podUid">The pod's uid in the API, which a static pod's report does not carry; null for a host process.</param>
    /// <param name="node">The node that reported it.</param>
    /// <param name="process">The process.</param>
    internal static Target Of(string? podUid, string node, ProcessReport process) =>
        podUid is null
            ? new Target("", "", node, process.Unit ?? "", process.Command)
            : new Target(podUid, process.Container?.Name ?? process.Container?.Id ?? "", "", "", "");

    internal static Target Of(WatchTarget target) =>
        target.Pod is { Uid: { } uid }
            ? new Target(uid, target.Container ?? "", "", "", "")
            : new Target("", "", target.Node ?? "", target.Unit ?? "", target.Command ?? "");
}
