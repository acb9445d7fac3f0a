using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

public class OptOutTests
{
    [Theory]
    [InlineData("forkguard.io/restart", "false", "annotation forkguard.io/restart=false on the pod")]
    [InlineData("forkguard.io/restart", " FALSE\n", "annotation forkguard.io/restart=false on the pod")]
    [InlineData("forkguard.io/restart", "true", null)]
    [InlineData("forkguard.io/restart", "", null)]
    [InlineData(
        "cluster-autoscaler.kubernetes.io/safe-to-evict",
        "false",
        "annotation cluster-autoscaler.kubernetes.io/safe-to-evict=false on the pod"
    )]
    [InlineData("cluster-autoscaler.kubernetes.io/safe-to-evict", "true", null)]
    [InlineData("example.com/restart", "false", null)]
    public void An_annotation_that_is_false_forbids_a_restart(string name, string value, string? optOut) =>
        Assert.Equal(
            optOut,
            OptOut.In(new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value }, "the pod")
        );

    [Fact]
    public void Of_both_annotations_either_is_enough() =>
        Assert.Equal(
            "annotation cluster-autoscaler.kubernetes.io/safe-to-evict=false on Deployment redis",
            OptOut.In(
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    [OptOut.Annotation] = "true",
                    [OptOut.SafeToEvict] = "false",
                },
                "Deployment redis"
            )
        );

    [Fact]
    public void Without_annotations_nothing_is_forbidden() => Assert.Null(OptOut.In(annotations: null, "the pod"));
}
