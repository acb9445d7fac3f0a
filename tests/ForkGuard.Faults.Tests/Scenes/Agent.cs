using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s.Models;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>The agent of a story's node: reports every live pod, below the level unless it leaks.</summary>
internal sealed class Agent : IAsyncDisposable
{
    private const int Low = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    private readonly ControlPlane _plane;
    private readonly string _node;
    private readonly Kubelet _kubelet;
    private readonly ConcurrentDictionary<string, int> _levels = new(StringComparer.Ordinal);
    private readonly RepeatedStep _reports;

    internal Agent(ControlPlane plane, string node, Kubelet kubelet)
    {
        _plane = plane;
        _node = node;
        _kubelet = kubelet;
        _reports = new RepeatedStep(ReportAsync, Pause);
    }

    /// <summary>How far the node's clock is ahead.</summary>
    internal TimeSpan Ahead { get; set; }

    /// <summary>The node's mode.</summary>
    internal int OvercommitMode { get; set; }

    /// <summary>From now on the pod is reported at this level.</summary>
    internal void Leak(V1Pod pod, int percent) => _levels[pod.Metadata.Uid] = percent;

    internal bool IsLeaking(string uid) => _levels.ContainsKey(uid);

    public ValueTask DisposeAsync() => _reports.DisposeAsync();

    private Task ReportAsync(CancellationToken cancellationToken) =>
        AgentReports.WriteAsync(
            _plane,
            _node,
            [.. _kubelet.Live.Select(pod => Workloads.Process(pod, _levels.GetValueOrDefault(pod.Metadata.Uid, Low)))],
            OfThisNode,
            TimeProvider.System.GetUtcNow() + Ahead,
            cancellationToken
        );

    private NodeForkReportStatus OfThisNode(NodeForkReportStatus status) =>
        OvercommitMode == 0 ? status : status with { Kernel = status.Kernel! with { OvercommitMode = OvercommitMode } };
}
