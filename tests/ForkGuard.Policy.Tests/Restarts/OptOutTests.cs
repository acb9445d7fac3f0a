using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

public class OptOutTests
{
    [Theory]
    [InlineData("forkguard.io/restart", "false", true)]
    [InlineData("forkguard.io/restart", " FALSE\n", true)]
    [InlineData("forkguard.io/restart", "true", false)]
    [InlineData("forkguard.io/restart", "", false)]
    [InlineData("cluster-autoscaler.kubernetes.io/safe-to-evict", "false", true)]
    [InlineData("cluster-autoscaler.kubernetes.io/safe-to-evict", "true", false)]
    [InlineData("example.com/restart", "false", false)]
    public void An_annotation_that_is_false_forbids_a_restart(string name, string value, bool forbids) =>
        Assert.Equal(
            forbids
                ? $"annotation {name}=false on the pod; to remove it: kubectl annotate pod redis-1 --namespace shop {name}-, "
                    + "and the same in the pod template for new pods"
                : null,
            OptOut.In(
                new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value },
                "Pod",
                "shop",
                "redis-1"
            )
        );

    [Fact]
    public void Of_both_annotations_either_is_enough() =>
        Assert.Equal(
            "annotation cluster-autoscaler.kubernetes.io/safe-to-evict=false on Deployment redis; to remove it: "
                + "kubectl annotate deployment redis --namespace shop cluster-autoscaler.kubernetes.io/safe-to-evict-",
            OptOut.In(
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    [OptOut.Annotation] = "true",
                    [OptOut.SafeToEvict] = "false",
                },
                "Deployment",
                "shop",
                "redis"
            )
        );

    [Fact]
    public void Without_annotations_nothing_is_forbidden() =>
        Assert.Null(OptOut.In(annotations: null, "Pod", "shop", "redis-1"));
}
