using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s.Autorest;
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
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    internal Agent(ControlPlane plane, string node, Kubelet kubelet)
    {
        _plane = plane;
        _node = node;
        _kubelet = kubelet;
        _running = Task.Run(RunAsync);
    }

    /// <summary>How far the node's clock is ahead.</summary>
    internal TimeSpan Ahead { get; set; }

    /// <summary>The node's mode.</summary>
    internal int OvercommitMode { get; set; }

    /// <summary>From now on the pod is reported at this level.</summary>
    internal void Leak(V1Pod pod, int percent) => _levels[pod.Metadata.Uid] = percent;

    internal bool IsLeaking(string uid) => _levels.ContainsKey(uid);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await AgentReports.WriteAsync(
                    _plane,
                    _node,
                    [
                        .. _kubelet.Live.Select(pod =>
                            Workloads.Process(pod, _levels.GetValueOrDefault(pod.Metadata.Uid, Low))
                        ),
                    ],
                    OfThisNode,
                    TimeProvider.System.GetUtcNow() + Ahead,
                    _stop.Token
                );
                await Task.Delay(Pause, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed)
                when (failed
                        is HttpOperationException
                            or HttpRequestException
                            or IOException
                            or OperationCanceledException
                )
            {
                // The API server is away, or the controller has not made the report yet.
            }
        }
    }

    private NodeForkReportStatus OfThisNode(NodeForkReportStatus status) =>
        OvercommitMode == 0 ? status : status with { Kernel = status.Kernel! with { OvercommitMode = OvercommitMode } };
}
