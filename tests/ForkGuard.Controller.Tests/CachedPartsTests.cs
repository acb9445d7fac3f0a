using ForkGuard.Api;
using ForkGuard.Controller.Cluster;

namespace ForkGuard.Controller.Tests;

/// <summary>A cache of tens of thousands of objects holds only what decisions read of all of them.</summary>
public sealed class CachedPartsTests
{
    private static readonly Dictionary<string, string> Large = new(StringComparer.Ordinal)
    {
        ["kubectl.kubernetes.io/last-applied-configuration"] = new string('x', 4096),
    };

    [Theory]
    [InlineData("kubernetes.io/config.mirror")]
    [InlineData("kubernetes.io/config.hash")]
    [InlineData("forkguard.io/restart")]
    [InlineData("cluster-autoscaler.kubernetes.io/safe-to-evict")]
    public void A_pod_keeps_the_annotations_that_decide(string annotation)
    {
        var pod = new Pod
        {
            Metadata = new ObjectMeta
            {
                Annotations = new Dictionary<string, string>(Large, StringComparer.Ordinal) { [annotation] = "false" },
            },
        };
        Assert.Equal([new(annotation, "false")], pod.ForCache().Metadata!.Annotations!);
    }

    [Fact]
    public void No_annotations_are_left_where_none_decides()
    {
        var metadata = new ObjectMeta { Annotations = Large };
        Assert.Null(
            new Pod { Metadata = metadata }
                .ForCache()
                .Metadata!.Annotations
        );
        Assert.Null(
            new Node { Metadata = metadata }
                .ForCache()
                .Metadata!.Annotations
        );
        Assert.Null(
            new Namespace { Metadata = metadata }
                .ForCache()
                .Metadata!.Annotations
        );
    }

    /// <summary>The controller writes to reports itself, and trackers hold the processes of the one before.</summary>
    [Fact]
    public void A_report_of_the_same_scan_has_the_same_processes_and_its_own_conditions()
    {
        var held = Report(1);
        var marked = Report(1);
        marked = marked with { Status = marked.Status! with { Conditions = [] } };

        var shared = CachedParts.Share(held, marked).Status!;

        Assert.Same(held.Status!.Processes, shared.Processes);
        Assert.Empty(shared.Conditions!);
        var next = Report(2);
        Assert.Same(next, CachedParts.Share(held, next));
        Assert.Same(held, CachedParts.Share(new NodeForkReport(), held));

        static NodeForkReport Report(int second) =>
            new()
            {
                Status = new NodeForkReportStatus
                {
                    ObservedTime = DateTimeOffset.UnixEpoch.AddSeconds(second),
                    Processes = [new ProcessReport { Command = "redis" }],
                },
            };
    }

    [Fact]
    public void Labels_of_pods_and_namespaces_stay_for_selectors_and_nodes_keep_system_and_zone()
    {
        var metadata = new ObjectMeta
        {
            Labels = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["app"] = "redis",
                ["kubernetes.io/os"] = "windows",
                ["topology.kubernetes.io/zone"] = "a",
            },
        };
        Assert.Equal(
            metadata.Labels,
            new Pod { Metadata = metadata }
                .ForCache()
                .Metadata!.Labels!
        );
        Assert.Equal(
            metadata.Labels,
            new Namespace { Metadata = metadata }
                .ForCache()
                .Metadata!.Labels!
        );
        var node = new Node { Metadata = metadata }.ForCache();
        Assert.Equal((2, false, "a"), (node.Metadata!.Labels!.Count, node.IsLinux(), node.Zone()));
    }
}
