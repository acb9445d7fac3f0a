using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Tests.Checks;

public sealed class PidNamespaceCheckTests : IDisposable
{
    private readonly CapturedNode _node = new();

    [Theory]
    [InlineData("6.18.0")]
    [InlineData("5.10.0")]
    public void A_namespace_without_init_refuses(string release)
    {
        _node.Files.WriteProc("sys/kernel/osrelease", release + "\n");
        _node.SetNamespaceForChildren(4026532000);

        var reading = _node.Find(ConstraintType.PidNamespace)!.Value;

        Assert.Equal((true, null), (reading.Refuses, reading.Problem));
    }

    /// <summary>Seen on 7.2: the link exists before the first child, and the fork that makes the init succeeds.</summary>
    [Theory]
    [InlineData("6.19.0")]
    [InlineData("7.2.0")]
    public void A_namespace_without_init_is_unknown_where_it_may_not_have_started_yet(string release)
    {
        _node.Files.WriteProc("sys/kernel/osrelease", release + "\n");
        _node.SetNamespaceForChildren(4026532000);

        var reading = _node.Find(ConstraintType.PidNamespace)!.Value;

        Assert.False(reading.Refuses);
        Assert.Contains("no init", reading.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_namespace_whose_init_has_ended_since_the_last_scan_refuses()
    {
        _node.SetNamespaceForChildren(4026532000);
        _node.AddProcess(200, uid: 5000, pids: "200\t1", pidNamespace: 4026532000);
        Assert.Null(_node.Find(ConstraintType.PidNamespace));
        Assert.Null(_node.Find(ConstraintType.PidNamespace));

        _node.AddProcess(200, uid: 5000, pids: "200\t1", pidNamespace: 4026532000, state: "Z (zombie)");

        Assert.True(_node.Find(ConstraintType.PidNamespace)!.Value.Refuses);
    }

    public void Dispose() => _node.Dispose();
}
