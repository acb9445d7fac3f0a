using ForkGuard.Api;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Checking;

/// <summary>A pod that ForkGuard removed.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Call">The request that removed it.</param>
internal sealed record Restart(RemovedPod Pod, RemovalRequest Call);

/// <summary>
/// Counts what a story's restarts are, by what the API server has: its audit log, the pods that it deleted, and the restart
/// records. Nothing that a controller claims takes part in it, except the records, and these only against it.
/// </summary>
internal sealed class RestartCheck
{
    private readonly IReadOnlyList<ForkRestart> _records;
    private readonly Func<string, bool> _isLeaking;
    private readonly AllowedTimes _allowed;

    internal RestartCheck(
        IReadOnlyList<RemovalRequest> requests,
        IReadOnlyList<string> controllers,
        IReadOnlyCollection<RemovedPod> removed,
        IReadOnlyList<ForkRestart> records,
        Func<string, bool> isLeaking,
        AllowedTimes allowed
    )
    {
        _records = records;
        _isLeaking = isLeaking;
        _allowed = allowed;
        Restarts =
        [
            .. from pod in removed
            let call = requests.FirstOrDefault(request =>
                controllers.Contains(request.User, StringComparer.Ordinal) && Removed(request, pod)
            )
            where call is not null
            orderby call.Time
            select new Restart(pod, call),
        ];
    }

    internal IReadOnlyList<Restart> Restarts { get; }

    /// <param name="lost">What the story waited for in vain; null for nothing.</param>
    /// <param name="recovery">How long the story took after the fault.</param>
    /// <param name="expected">The results that the story may have.</param>
    internal Outcome Outcome(string? lost, TimeSpan recovery, IReadOnlyList<RestartResult> expected)
    {
        var past = _records.SelectMany(record => record.Status?.History ?? []).ToList();
        var results = past.Select(restart => restart.Result.ToString()).ToList();
        return new Outcome
        {
            Restarts = Restarts.Count,
            False = [.. Restarts.Select(WhyFalse).OfType<string>()],
            Double =
            [
                .. Restarts
                    .GroupBy(restart => restart.Pod.Workload, StringComparer.Ordinal)
                    .SelectMany(group => group.Skip(1))
                    .Select(restart => $"{restart.Pod.Name} at {restart.Call.Time:HH:mm:ss.fff}"),
            ],
            Lost =
            [
                .. lost is null ? (string[])[] : [lost],
                .. Restarts
                    .Where(restart => !IsRecorded(restart.Pod.Uid, past))
                    .Select(restart => $"no record of the restart of {restart.Pod.Name} by {restart.Call}"),
            ],
            Unexpected = [.. results.Where(result => expected.All(one => one.ToString() != result))],
            Results =
            [
                .. results,
                .. from record in _records
                where record.Status?.Restart is not null
                select record.Status!.State?.Text ?? "",
            ],
            Recovery = recovery,
        };
    }

    private string? WhyFalse(Restart restart) =>
        !_isLeaking(restart.Pod.Uid) ? $"{restart.Pod.Name} was not at risk"
        : _allowed.Against(restart.Call.Time) is { } gate ? $"{restart.Pod.Name}: {gate}"
        : null;

    private bool IsRecorded(string uid, IReadOnlyList<PastRestart> past) =>
        past.Any(restart => restart.Pod.Uid == uid) || _records.Any(record => record.Status?.Restart?.Pod.Uid == uid);

    // An answer that is not recorded, or that is an error of the server, says nothing about what was done: the pod does.
    private static bool Removed(RemovalRequest request, RemovedPod pod) =>
        !request.IsTrial
        && request.Pod == pod.Name
        && (request.Uid is null || request.Uid == pod.Uid)
        && request.Code is null or (>= 200 and < 300) or >= 500 or 408;
}
