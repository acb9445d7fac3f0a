using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;

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

    /// <summary>Seen on 6.18 with a member that is traced, and with one whose parent outside does not reap it.</summary>
    [Theory]
    [InlineData(4195404, "zap_pid_ns_processes", true, true)]
    [InlineData(4195404, "do_wait", true, true)]
    [InlineData(4195404, "0", true, false)]
    [InlineData(4195404, "exit_mm", true, false)]
    [InlineData(4194304, "do_wait", false, false)]
    public void An_init_that_waits_for_members_as_it_ends_refuses(
        int flags,
        string function,
        bool isFound,
        bool refuses
    )
    {
        _node.SetNamespaceForChildren(4026532000);
        _node.AddProcess(200, uid: 5000, pids: "200\t1", pidNamespace: 4026532000);
        _node.Files.WriteProc("200/stat", $"200 (init) S 1 1 1 0 -1 {flags} 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0 0\n");
        _node.Files.WriteProc("200/wchan", function);

        var reading = _node.Find(ConstraintType.PidNamespace);

        Assert.Equal((isFound, refuses), (reading is not null, reading?.Refuses ?? false));
        Assert.Equal(isFound && !refuses, reading?.Problem is not null);
    }

    [Fact]
    public void A_process_that_may_not_be_read_may_be_the_init()
    {
        _node.SetNamespaceForChildren(4026532000);
        _node.AddProcess(200, uid: 5000);
        _node.Files.WriteProc("200/status", "\n");

        Assert.NotNull(_node.Find(ConstraintType.PidNamespace)!.Value.Problem);
    }

    /// <summary>A process may make a namespace with an init while a scan reads the others.</summary>
    [Fact]
    public void A_namespace_that_is_younger_than_the_list_of_the_scan_refuses_only_in_the_next_scan()
    {
        const ulong ended = 4026532000;
        const ulong young = 4026532001;
        _node.SetNamespaceForChildren(ended);
        _node.AddProcess(101, uid: 5000);
        using var cgroups = _node.Files.Open();
        var context = new ScanContext(_node.Files.Proc, cgroups);
        context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent: 50);
        Assert.True(IsRefused(context, CapturedNode.Pid));
        _node.SetNamespaceForChildren(young, 101);
        _node.AddProcess(200, uid: 5000, pids: "200\t1", pidNamespace: young);
        Assert.False(IsRefused(context, 101));
        Assert.True(IsRefused(context, CapturedNode.Pid));

        context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent: 50);
        Assert.True(IsRefused(context, CapturedNode.Pid));
        Assert.False(IsRefused(context, 101));
        _node.AddProcess(200, uid: 5000, pids: "200\t1", pidNamespace: young, state: "Z (zombie)");
        context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent: 50);
        _ = (IsRefused(context, CapturedNode.Pid), IsRefused(context, 101));

        context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent: 50);
        Assert.True(IsRefused(context, CapturedNode.Pid));
        Assert.True(IsRefused(context, 101));
    }

    private static bool IsRefused(ScanContext context, int pid)
    {
        List<ConstraintReading> found = [];
        var facts = new ProcessFacts { Pid = pid };
        Assert.Equal(ReadStatus.Ok, ForkChecks.Scan(context, new ProcessFactsReader(context), facts, found));
        return found.Exists(reading => reading is { Type: ConstraintType.PidNamespace, Refuses: true });
    }

    public void Dispose() => _node.Dispose();
}
