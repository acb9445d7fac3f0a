using System.Diagnostics;

namespace ForkGuard.Controller.Cluster;

/// <summary>Spans of the controller. Nothing is recorded unless traces are exported.</summary>
internal static class ControllerTracing
{
    internal const string SourceName = "ForkGuard.Controller";

    /// <summary>Attribute of a span: the number of requests to the API server below it.</summary>
    internal const string Requests = "forkguard.api.requests";

    internal static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Removes a span from the export.</summary>
    internal static void Drop(Activity span) => span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
}
