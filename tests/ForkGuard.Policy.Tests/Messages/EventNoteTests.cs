using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Policy.Tests.Messages;

public class EventNoteTests
{
    private static readonly AdviceFacts Heuristic = new() { OvercommitMode = 0 };
    private static readonly AdviceFacts Always = new() { OvercommitMode = 1 };
    private static readonly AdviceFacts Strict = new() { OvercommitMode = 2 };

    private static readonly ProcessReport Redis = new() { Pid = 4711, Command = "redis-server" };

    private static readonly ConstraintReport Mapping = new()
    {
        Type = ConstraintType.LargestMapping,
        Unit = ConstraintUnit.Bytes,
        Scope = ConstraintScope.Process,
        Confidence = Confidence.Exact,
        Used = 25_232_932_864,
        Limit = 24_000_000_000,
        Percent = 105,
        Refuses = true,
        Growing = true,
        GrowthPerMinute = 10_485_760,
        SecondsToLimit = 660,
    };

    private static readonly ConstraintReport Commit = Mapping with
    {
        Type = ConstraintType.CommitCharge,
        Scope = ConstraintScope.Node,
        Own = 1_073_741_824,
    };

    private static readonly ConstraintReport Pids = new()
    {
        Type = ConstraintType.Pids,
        Unit = ConstraintUnit.Tasks,
        Scope = ConstraintScope.Pod,
        Confidence = Confidence.Exact,
        Used = 97,
        Limit = 100,
        Percent = 97,
        Growing = true,
        GrowthPerMinute = 3,
        SecondsToLimit = 60,
        Zombies = 60,
        ZombieParent = new ZombieParentReport { Pid = 12, Command = "sh" },
    };

    [Fact]
    public void Names_size_limit_mode_growth_time_left_remedy_and_command() =>
        Assert.Equal(
            "largest mapping: 23.5 GiB of 22.3 GiB, mode 0; growing 10.0 MiB/min, 11 min left; "
                + "madvise(MADV_DONTFORK) on the mapping, or add swap, or restart it; details: forkguard check 4711",
            Note(Mapping, Heuristic)
        );

    [Fact]
    public void Names_the_parts_of_the_commit_charge() =>
        Assert.Equal(
            "commit charge of the node: 23.5 GiB of 22.3 GiB, 1.0 GiB of it goes with the process, up to 512.0 MiB with fork children, "
                + "mode 2; growing 10.0 MiB/min, 11 min left; "
                + "add swap or raise vm.overcommit_ratio, or restart it; details: forkguard check 4711",
            Note(Commit with { ForkChildren = 536_870_912 }, Strict)
        );

    [Fact]
    public void Names_tasks_zombies_and_the_kubelets_limit_in_a_pod() =>
        Assert.Equal(
            "pids limit of the pod: 97 of 100 tasks; growing 3 tasks/min, 60 s left; 60 zombies not reaped by sh (pid 12); "
                + "reap the zombies (an init such as tini) or raise podPidsLimit of the kubelet, or restart it in time; "
                + "details: kubectl exec -n forkguard forkguard-agent-x7k2p -- forkguard check 4711",
            EventNote.Of(
                RiskAnnouncementType.ForkAtRisk,
                Redis with
                {
                    Pod = new PodReference { Namespace = "shop", Name = "redis-0" },
                },
                Pids,
                Place.InAgent("node-1", "forkguard", "forkguard-agent-x7k2p"),
                Always
            )
        );

    [Fact]
    public void Looks_the_agent_of_the_node_up_where_its_name_is_not_known() =>
        Assert.Equal(
            "kubectl exec -n forkguard \"$(kubectl get pod -n forkguard "
                + "-l app.kubernetes.io/name=forkguard,app.kubernetes.io/component=agent "
                + "--field-selector spec.nodeName=node-1 -o name)\" -- forkguard check 4711",
            EventNote.Command(Redis, Place.OnNode("node-1", "forkguard"))
        );

    [Fact]
    public void Names_the_overview_for_a_constraint_of_the_node() =>
        Assert.Equal("forkguard top", EventNote.Command(process: null, Place.Host));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Names_the_rule_of_a_what_if(int overcommitMode) =>
        Assert.Equal(
            "commit charge of the node: 23.5 GiB of 22.3 GiB, 1.0 GiB of it goes with the process, "
                + $"by the rule of mode 2 on a kernel in mode {overcommitMode}; growing 10.0 MiB/min, 11 min left; "
                + "add swap or raise vm.overcommit_ratio, before vm.overcommit_memory becomes 2; details: forkguard check 4711",
            Note(Commit, new AdviceFacts { OvercommitMode = overcommitMode })
        );

    [Fact]
    public void Names_only_the_numbers_of_a_recovery() =>
        Assert.Equal(
            "largest mapping: 23.5 GiB of 22.3 GiB, mode 0",
            EventNote.Of(RiskAnnouncementType.ForkRecovered, Redis, Mapping, Place.Host, Heuristic)
        );

    /// <summary>Steady usage has no time left, and no restart is called for (U5).</summary>
    [Theory]
    [InlineData(10_485_760L)]
    [InlineData(null)]
    public void Names_neither_growth_nor_a_restart_for_steady_usage(long? growth)
    {
        var note = Note(Mapping with { Refuses = null, Growing = false, GrowthPerMinute = growth }, Heuristic);

        Assert.DoesNotContain("growing", note, StringComparison.Ordinal);
        Assert.DoesNotContain("left", note, StringComparison.Ordinal);
        Assert.DoesNotContain("restart", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_no_time_left_before_growth_has_outlasted_the_start() =>
        Assert.Contains(
            "; growing 10.0 MiB/min; ",
            Note(Mapping with { Growing = null }, Heuristic),
            StringComparison.Ordinal
        );

    [Fact]
    public void Names_the_content_of_the_mapping_and_escapes_it() =>
        Assert.Contains(
            "(private mapping of /srv/\\u001bmodel)",
            Note(
                Mapping with
                {
                    Mapping = new MappingReport
                    {
                        Start = "1",
                        End = "2",
                        Kind = MappingKind.File,
                        Name = "/srv/\u001bmodel",
                    },
                },
                Heuristic
            ),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(null, "redis-server (pid 4711 on node-1)")]
    [InlineData(12, "redis-server (12 processes, the worst has pid 4711 on node-1)")]
    public void Names_the_number_of_processes(int? count, string subject) =>
        Assert.Equal(subject, ProcessSubject.Of(Redis with { ProcessCount = count }, "node-1"));

    [Fact]
    public void Names_the_container_the_unit_or_the_node()
    {
        var contained = Redis with { Container = new ContainerReference { Name = "main" } };

        Assert.Equal("container main, redis-server (pid 4711)", ProcessSubject.Of(contained, node: null));
        Assert.Equal(
            "redis.service, redis-server (pid 4711)",
            ProcessSubject.Of(Redis with { SystemdUnit = "redis.service" }, node: null)
        );
        Assert.Equal("node node-1", ProcessSubject.Of(process: null, "node-1"));
    }

    [Fact]
    public void Shows_a_bound_a_failed_read_and_a_later_type_as_what_they_are()
    {
        var later = new ConstraintReport
        {
            Type = new OpenEnum<ConstraintType>("Later"),
            Unit = new OpenEnum<ConstraintUnit>("Cats"),
            Used = 3,
            Limit = 9,
            Confidence = Confidence.Exact,
        };

        Assert.Equal(
            "at most 97 of 100 tasks",
            ConstraintText.UsedOfLimit(Pids with { Confidence = Confidence.UpperBound })
        );
        Assert.Equal("not known (denied)", ConstraintText.UsedOfLimit(Pids with { Problem = "denied" }));
        Assert.Equal("Later 3 of 9 Cats", $"{ConstraintText.Name(later)} {ConstraintText.UsedOfLimit(later)}");
    }

    private static string Note(ConstraintReport constraint, AdviceFacts facts) =>
        EventNote.Of(RiskAnnouncementType.ForkAtRisk, Redis, constraint, Place.Host, facts);
}
