using System.Diagnostics;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>The span of one wanted restart: from the report that names the pod to the answer to its eviction.</summary>
internal sealed class RestartSpan : IDisposable
{
    private readonly Activity? _span;
    private bool _isNews;

    private RestartSpan(Activity? span) => _span = span;

    /// <summary>Starts the span of a target at the time when the report that named its pod was first seen.</summary>
    internal static RestartSpan Start(WatchIdentity watch, TargetState state, TimeProvider time)
    {
        if (!ControllerTracing.Source.HasListeners())
        {
            return new RestartSpan(span: null);
        }

        var age = state.SeenTimestamp is { } seen ? time.GetElapsedTime(seen) : TimeSpan.Zero;
        var span = ControllerTracing.Source.StartActivity(
            "restart pod",
            ActivityKind.Internal,
            default(ActivityContext),
            tags: null,
            links: null,
            time.GetUtcNow() - age
        );
        span?.SetTag("k8s.namespace.name", state.Pod?.Namespace)
            .SetTag("k8s.pod.name", state.Pod?.Name)
            .SetTag("k8s.pod.uid", state.Pod?.Uid)
            .SetTag("k8s.container.name", state.Process?.Container?.Name)
            .SetTag("k8s.node.name", state.Node)
            .SetTag("forkguard.watch", watch.ToString())
            .SetTag("forkguard.constraint", state.Constraint.Type.Text)
            .SetTag("forkguard.percent", state.Constraint.Percent)
            .AddEvent(new ActivityEvent("decision"));
        return new RestartSpan(span);
    }

    /// <summary>Notes the gate that blocks the restart.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="isNews">The block is emitted.</param>
    internal void Blocked(BlockReason gate, bool isNews)
    {
        _span?.SetTag("forkguard.gate", gate.ToString());
        _isNews = isNews;
    }

    /// <summary>Ends the span. It is exported if the API server was asked, or if the block is news: a wanted restart is decided every few seconds.</summary>
    public void Dispose()
    {
        if (_span is null)
        {
            return;
        }

        if (!_isNews && _span.GetTagItem(ControllerTracing.Requests) is null)
        {
            ControllerTracing.Drop(_span);
        }

        _span.Dispose();
    }
}
