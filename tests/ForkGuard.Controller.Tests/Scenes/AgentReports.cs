using System.Net;
using System.Text.Json;
using ForkGuard.Api;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>The node's agent, as far as the controller sees it.</summary>
internal static class AgentReports
{
    internal static async Task WriteAsync(
        Stage stage,
        IReadOnlyList<ProcessReport> processes,
        Func<NodeForkReportStatus, NodeForkReportStatus>? with = null
    )
    {
        await Condition.HoldsAsync(
            async _ => await ReadAsync(stage) is not null,
            "the node's report",
            cancellationToken: Stage.Cancelled
        );
        await WriteAsync(stage.Cluster, stage.Node, processes, with, TimeProvider.System.GetUtcNow(), Stage.Cancelled);
    }

    /// <summary>Writes a report that the controller has made.</summary>
    internal static async Task WriteAsync(
        ControlPlane cluster,
        string node,
        IReadOnlyList<ProcessReport> processes,
        Func<NodeForkReportStatus, NodeForkReportStatus>? with,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var status = new NodeForkReportStatus
        {
            ObservedTime = now,
            Kernel = new KernelReport
            {
                Release = "6.18.0",
                OvercommitMode = 0,
                LimitBytes = Stage.Limit,
            },
            Scan = new ScanReport { Processes = 100 },
            Conditions =
            [
                new Api.Condition
                {
                    Type = "Ready",
                    Status = "True",
                    LastTransitionTime = now,
                },
            ],
            Processes =
            [
                .. processes
                    .OrderByDescending(process => process.Binding()?.Percent ?? 0)
                    .Select(process => process.MeasuredTime == default ? process with { MeasuredTime = now } : process),
            ],
        };
        var report = new NodeForkReport
        {
            Metadata = new ObjectMeta { Name = node },
            Status = (with ?? (s => s))(status),
        };
        await cluster.Admin.CustomObjects.PatchClusterCustomObjectStatusAsync(
            new V1Patch(JsonSerializer.Serialize(report, ApiJson.Default.NodeForkReport), V1Patch.PatchType.MergePatch),
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            "nodeforkreports",
            node,
            cancellationToken: cancellationToken
        );
    }

    /// <summary>Null while the controller has not made it.</summary>
    internal static async Task<NodeForkReport?> ReadAsync(Stage stage)
    {
        try
        {
            var found = await stage.Cluster.Admin.CustomObjects.GetClusterCustomObjectAsync(
                ForkGuardApi.Group,
                ForkGuardApi.Version,
                "nodeforkreports",
                stage.Node,
                Stage.Cancelled
            );
            return ((JsonElement)found).Deserialize(ApiJson.Default.NodeForkReport);
        }
        catch (HttpOperationException missing) when (missing.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}

/// <summary>Writes the same processes as often as an agent does that is in a hurry.</summary>
internal sealed class Reporter : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(Stage.Cancelled);
    private readonly Task _writing;

    internal Reporter(
        Stage stage,
        IReadOnlyList<ProcessReport> processes,
        Func<NodeForkReportStatus, NodeForkReportStatus>? with = null
    )
    {
        Processes = processes;
        With = with;
        _writing = WriteAsync(stage);
    }

    /// <summary>What is written from now on.</summary>
    internal IReadOnlyList<ProcessReport> Processes { get; set; }

    /// <summary>What else is written from now on.</summary>
    internal Func<NodeForkReportStatus, NodeForkReportStatus>? With { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _writing;
        _stop.Dispose();
    }

    private async Task WriteAsync(Stage stage)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await AgentReports.WriteAsync(stage, Processes, With);
                await Task.Delay(Pause, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Cancelled by the test.
        }
    }
}
