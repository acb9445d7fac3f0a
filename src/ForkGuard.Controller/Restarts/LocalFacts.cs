using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>Facts from the caches: enough for a no, never for a restart.</summary>
internal sealed class LocalFacts(Caches caches, RestartStore store, BlockedCalls blocked, Func<LeaderTerm?> term)
{
    private const int MaxOwners = 20_000;
    private static readonly TimeSpan MaxDisconnection = TimeSpan.FromMinutes(1);

    /// <summary>The API server sends a bookmark every minute on an open stream.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(150);

    private readonly ConcurrentDictionary<string, RecordKey> _owners = new(StringComparer.Ordinal);

    /// <summary>Facts of the controller itself: its term and its caches.</summary>
    internal RestartFacts Own => new() { IsLeader = term() is { IsCurrent: true }, StaleCache = StaleCache };

    /// <summary>The same with the pod, its node, its siblings and the restarts in progress.</summary>
    internal RestartFacts Of(RestartRequest request, Pod? pod)
    {
        var controller = pod?.Metadata.Controller();
        var key = KeyOf(pod);
        return Own with
        {
            Node = Of(caches.Nodes.Get(new ResourceKey("", request.Node))),
            Pod = pod is null ? null : Of(pod) with { OptOut = pod.Metadata.OptOutOf("Pod") },
            Owner =
                controller is null || pod!.IsStatic()
                    ? null
                    : new OwnerFacts
                    {
                        Owner = key?.Owner ?? OwnerReader.Of(controller),
                        Uid = "",
                        ControllerUid = controller.Uid ?? "",
                    },
            Siblings = SiblingReader.Of(caches.Pods.ByIndex(Caches.ByWorkload, pod?.WorkloadKey() ?? "")),
            Open =
            [
                .. store.Known.Where(other => IsOther(other, key)).Select(RestartStore.OpenOf).OfType<OpenRestart>(),
            ],
            Failures = [.. store.Known.SelectMany(other => RestartRecords.Failures(other.Status))],
            Blocked = BlockedOf(request.Pod.Uid),
        };
    }

    internal BlockedCall? BlockedOf(string? podUid) => blocked.Of(podUid);

    /// <summary>The workload of a pod as it was last read; null if it never was.</summary>
    internal RecordKey? KeyOf(Pod? pod) => _owners.GetValueOrDefault(pod?.Metadata.Controller()?.Uid ?? "");

    internal void Remember(string controllerUid, RecordKey key)
    {
        if (_owners.Count >= MaxOwners)
        {
            _owners.Clear();
        }

        _owners[controllerUid] = key;
    }

    internal static NodeFacts? Of(Node? node) =>
        node is null ? null : new NodeFacts(node.IsReady(), node.Spec?.Unschedulable == true, node.Zone());

    internal static PodFacts Of(Pod pod) =>
        new()
        {
            Uid = pod.Metadata?.Uid ?? "",
            Node = pod.Spec?.NodeName,
            IsTerminating = pod.IsTerminating(),
            IsStatic = pod.IsStatic(),
            IsCritical = pod.IsCritical(),
            RunsToCompletion = pod.RunsToCompletion(),
            HasLocalStorage = pod.HasLocalStorage(),
            GracePeriodSeconds = (int)Math.Clamp(pod.Spec?.TerminationGracePeriodSeconds ?? 30, 0, int.MaxValue),
        };

    private string? StaleCache => caches.All.Select(StaleOf).FirstOrDefault(stale => stale is not null);

    internal static string? StaleOf(ICacheHealth cache) =>
        !cache.IsSynced ? $"{cache.Name} have not been listed yet"
        : cache.DisconnectedFor > MaxDisconnection
            ? $"the stream of {cache.Name} is closed for more than {SizeText.Duration((long)MaxDisconnection.TotalSeconds)}"
        : cache.SilentFor > MaxSilence
            ? $"the stream of {cache.Name} is open but silent for more than {SizeText.Duration((long)MaxSilence.TotalSeconds)}"
        : null;

    private static bool IsOther(ForkRestart record, RecordKey? key) =>
        key is null || RestartStore.KeyOf(record) != key.Resource;
}
