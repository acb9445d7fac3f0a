using System.Collections.Concurrent;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>A pod that the API server marked for deletion.</summary>
internal sealed record RemovedPod(string Uid, string Name, string Workload, DateTimeOffset Time);

/// <summary>
/// The kubelet of a story's node: makes pods Ready, and completes their deletion. Nobody else completes one, so that no
/// deletion goes unnoticed.
/// </summary>
internal sealed class Kubelet : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly ControlPlane _plane;
    private readonly string _namespace;
    private readonly ConcurrentDictionary<string, RemovedPod> _removed = new(StringComparer.Ordinal);
    private readonly RepeatedStep _syncs;

    internal Kubelet(ControlPlane plane, string ns)
    {
        _plane = plane;
        _namespace = ns;
        _syncs = new RepeatedStep(SyncAsync, Pause);
    }

    /// <summary>The pods that are not being deleted, as listed last.</summary>
    internal IReadOnlyList<V1Pod> Live { get; private set; } = [];

    /// <summary>Every pod that was deleted so far, by whomever.</summary>
    internal IReadOnlyCollection<RemovedPod> Removed => [.. _removed.Values];

    /// <summary>Whether pods run that are created from now on.</summary>
    internal bool IsWorking { get; set; } = true;

    internal static bool IsReady(V1Pod pod) =>
        pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    /// <summary>Waits until that many pods are Ready and no other one is there.</summary>
    internal Task ReadyAsync(int count, TimeSpan within) =>
        Poll.HoldsAsync(() => Task.FromResult(Live.Count == count && Live.All(IsReady)), $"{count} Ready pods", within);

    public ValueTask DisposeAsync() => _syncs.DisposeAsync();

    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        var core = _plane.Admin.CoreV1;
        var pods = (await core.ListNamespacedPodAsync(_namespace, cancellationToken: cancellationToken)).Items;
        foreach (var ending in pods.Where(pod => pod.Metadata.DeletionTimestamp is not null))
        {
            _removed.TryAdd(
                ending.Metadata.Uid,
                new(ending.Metadata.Uid, ending.Metadata.Name, WorkloadOf(ending), TimeProvider.System.GetUtcNow())
            );
        }

        Live = [.. pods.Where(pod => pod.Metadata.DeletionTimestamp is null)];
        foreach (var pod in pods)
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                await core.DeleteNamespacedPodAsync(
                    pod.Metadata.Name,
                    _namespace,
                    new()
                    {
                        GracePeriodSeconds = 0,
                        Preconditions = new() { Uid = pod.Metadata.Uid },
                    },
                    cancellationToken: cancellationToken
                );
            }
            else if (IsWorking && !IsReady(pod))
            {
                await ReadyAsync(pod, cancellationToken);
            }
        }
    }

    private Task<V1Pod> ReadyAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", null);
        return _plane.Admin.CoreV1.PatchNamespacedPodStatusAsync(
            new V1Patch(
                $$$"""{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"{{{time}}}"}]}}""",
                V1Patch.PatchType.StrategicMergePatch
            ),
            pod.Metadata.Name,
            _namespace,
            cancellationToken: cancellationToken
        );
    }

    // The hash of a template is the only part of a Deployment's pod that another ReplicaSet of it does not share.
    private static string WorkloadOf(V1Pod pod) =>
        pod.Metadata.OwnerReferences is [{ Name: var owner }, ..]
            ? pod.Metadata.Labels.TryGetValue("pod-template-hash", out var hash)
                ? owner.Replace("-" + hash, "", StringComparison.Ordinal)
                : owner
            : pod.Metadata.Name;
}
