using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Messages.Advice;

namespace ForkGuard.Policy.Tests.Messages;

public class ForkAdviceTests
{
    private const string PodPath = "/kubepods.slice/kubepods-pod11111111_2222_3333_4444_555555555555.slice";
    private static Place Node => Place.OnNode("node-1", "forkguard");
    private static readonly AdviceFacts Facts = new() { OvercommitMode = 0, IsAddressSpaceNearlyUsed = false };
    private static readonly ProcessReport Host = new() { Pid = 4711, Command = "redis-server" };
    private static readonly ProcessReport Pod = Host with
    {
        Pod = new PodReference
        {
            Namespace = "shop",
            Name = "redis-0",
            Uid = "11111111-2222-3333-4444-555555555555",
        },
        Container = new ContainerReference { Name = "redis" },
    };

    [Theory]
    [InlineData(ConstraintType.LargestMapping)]
    [InlineData(ConstraintType.CommitCharge)]
    [InlineData(ConstraintType.Pids)]
    [InlineData(ConstraintType.Threads)]
    [InlineData(ConstraintType.PidSpace)]
    [InlineData(ConstraintType.UserProcesses)]
    [InlineData(ConstraintType.PidNamespace)]
    [InlineData(ConstraintType.ContainerMemory)]
    [InlineData(ConstraintType.CopyOnWrite)]
    public void Has_a_clause_and_sentences_for_every_constraint(ConstraintType type)
    {
        var constraint = Refusing(MappingKind.Anonymous) with { Type = type };

        Assert.NotEqual('.', ForkAdvice.Clause(Host, constraint, Place.Host, Facts)[^1]);
        var sentences = ForkAdvice.Sentences(Host, constraint, Place.Host, Facts);
        Assert.NotEmpty(sentences);
        Assert.All(sentences, sentence => Assert.EndsWith(".", sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void Has_no_sentence_for_a_constraint_of_a_later_version()
    {
        var later = Refusing(MappingKind.Anonymous) with { Type = new OpenEnum<ConstraintType>("Later") };

        Assert.Empty(ForkAdvice.Sentences(Host, later, Place.Host, Facts));
    }

    [Theory]
    [InlineData(69, null, Confidence.Exact, false)]
    [InlineData(70, null, Confidence.Exact, true)]
    [InlineData(10, true, Confidence.Exact, true)]
    [InlineData(300, true, Confidence.UpperBound, false)]
    public void Is_due_from_the_warning_level_on(int percent, bool? refuses, Confidence confidence, bool due) =>
        Assert.Equal(
            due,
            ForkAdvice.IsDue(
                new ConstraintReport
                {
                    Percent = percent,
                    Refuses = refuses,
                    Confidence = confidence,
                }
            )
        );

    /// <summary>A child without its own stack crashes; a heap it needs; a file is charged for being private (U6).</summary>
    [Theory]
    [InlineData(MappingKind.Anonymous, "MADV_DONTFORK", "smaller stacks")]
    [InlineData(MappingKind.Anonymous, "MAP_NORESERVE", "MAP_SHARED")]
    [InlineData(MappingKind.ThreadStacks, "smaller stacks", "MADV_DONTFORK")]
    [InlineData(MappingKind.ThreadStacks, "fewer threads", "MAP_NORESERVE")]
    [InlineData(MappingKind.File, "read-only or with MAP_SHARED", "MAP_NORESERVE")]
    [InlineData(MappingKind.Heap, "malloc_trim", "MAP_NORESERVE")]
    [InlineData(MappingKind.Heap, "the heap", "MADV_DONTFORK")]
    [InlineData(MappingKind.Stack, "ulimit -s", "MADV_DONTFORK")]
    public void Fits_the_content_of_the_mapping(MappingKind kind, string advised, string not)
    {
        var text = All(Host, Refusing(kind), Place.Host, Facts);

        Assert.Contains(advised, text, StringComparison.Ordinal);
        Assert.DoesNotContain(not, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MappingKind.ThreadStacks, "run fewer threads or give them smaller stacks, or add swap, or restart it")]
    [InlineData(MappingKind.File, "map the file read-only or MAP_SHARED, or add swap, or restart it")]
    [InlineData(MappingKind.Heap, "free heap memory (malloc_trim), or add swap, or restart it")]
    public void Fits_the_content_of_the_mapping_in_an_event(MappingKind kind, string clause) =>
        Assert.Equal(clause, ForkAdvice.Clause(Host, Refusing(kind), Place.Host, Facts));

    [Fact]
    public void Says_first_which_programs_go_on_working() =>
        Assert.Equal(
            "Programs that start others by posix_spawn or vfork (Go, Java by default, Python's subprocess) go on working: "
                + "only fork() copies memory.",
            ForkAdvice.Sentences(Host, Refusing(MappingKind.Anonymous), Place.Host, Facts)[0]
        );

    [Fact]
    public void Promises_nothing_of_posix_spawn_where_another_limit_refuses_it()
    {
        var pids = new ConstraintReport
        {
            Type = ConstraintType.Pids,
            Unit = ConstraintUnit.Tasks,
            Scope = ConstraintScope.Pod,
            Used = 99,
            Limit = 100,
            Percent = 99,
            Confidence = Confidence.Exact,
        };
        var full = Host with { Constraints = [Refusing(MappingKind.Anonymous), pids] };

        Assert.Equal(
            "posix_spawn and vfork copy no memory, but the pids limit of the pod (99 of 100 tasks) refuses them as well.",
            First(full, Facts)
        );
        Assert.Equal(
            "posix_spawn and vfork copy no memory, but RLIMIT_AS (ulimit -v) is nearly used up, which refuses them as well: raise it.",
            First(Host, Facts with { IsAddressSpaceNearlyUsed = true })
        );
        Assert.Contains(
            "unless RLIMIT_AS (ulimit -v)",
            First(Host, Facts with { IsAddressSpaceNearlyUsed = null }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Advises_swap_only_where_it_can_exist()
    {
        var mapping = Refusing(MappingKind.Anonymous);

        Assert.Contains(
            "Add at least 1.0 MiB of swap:",
            All(Host, mapping, Place.Host, Facts),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("swap", All(Pod, mapping, Node, Facts), StringComparison.Ordinal);
        Assert.DoesNotContain("swap", All(Host, mapping, Node, Facts), StringComparison.Ordinal);
        Assert.DoesNotContain("swap", All(Pod, mapping, Place.Host, Facts), StringComparison.Ordinal);
        Assert.Contains(
            "Add at least 1.0 MiB of swap on the node:",
            All(Pod, mapping, Node, Facts with { HasSwap = true }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Advises_more_room_for_the_commit_charge_in_numbers()
    {
        var charge = Refusing(MappingKind.Anonymous) with
        {
            Type = ConstraintType.CommitCharge,
            Used = (11L << 20) + 1,
            Limit = 10L << 20,
        };
        var facts = new AdviceFacts { OvercommitMode = 2, CommitLimitWithoutSwapBytes = 8L << 20 };

        var text = All(Host, charge, Place.Host, facts);

        Assert.Contains("sysctl vm.overcommit_kbytes=10240 ", text, StringComparison.Ordinal);
        Assert.Contains("Add 2.0 MiB of swap: it raises CommitLimit by its size.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, null, "podPidsLimit")]
    [InlineData(false, "redis.service", "systemctl set-property redis.service TasksMax=N")]
    [InlineData(false, null, "pids.max of the cgroup")]
    public void Names_who_limits_the_tasks(bool isPod, string? unit, string advised)
    {
        var process = isPod ? Pod : Host with { SystemdUnit = unit };
        var pids = Pids with
        {
            Scope = isPod ? ConstraintScope.Pod : ConstraintScope.Cgroup,
            ScopeName = unit is null ? null : $"/system.slice/{unit}",
        };

        Assert.Contains(advised, All(process, pids, Place.Host, Facts), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ConstraintScope.Cgroup, "/user.slice/user-1000.slice", "set-property user-1000.slice TasksMax=N")]
    [InlineData(
        ConstraintScope.Cgroup,
        "/system.slice/docker.service/inner",
        "pids.max of cgroup /system.slice/docker"
    )]
    [InlineData(
        ConstraintScope.Cgroup,
        "/user.slice/user@1.service/app.slice/a.service",
        "pids.max of cgroup /user.slice/"
    )]
    public void Names_the_cgroup_that_limits_the_tasks_of_a_unit(ConstraintScope scope, string path, string advised)
    {
        var process = Host with { SystemdUnit = "session-3.scope" };
        var pids = Pids with { Scope = scope, ScopeName = path };

        Assert.Contains(advised, All(process, pids, Place.Host, Facts), StringComparison.Ordinal);
        Assert.DoesNotContain("session-3.scope", All(process, pids, Place.Host, Facts), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "session-3.scope",
            ForkAdvice.Clause(process, pids, Place.Host, Facts),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(ConstraintScope.Container, "pids_limit of CRI-O", "podPidsLimit")]
    [InlineData(ConstraintScope.Pod, "podPidsLimit", "pids_limit")]
    [InlineData(ConstraintScope.Cgroup, "which other pods share", "podPidsLimit")]
    public void Names_the_limit_of_the_tasks_of_a_pod(ConstraintScope scope, string advised, string not)
    {
        var pids = Pids with { Scope = scope, ScopeName = "/kubepods.slice" };

        Assert.Contains(advised, All(Pod, pids, Node, Facts), StringComparison.Ordinal);
        Assert.DoesNotContain(not, All(Pod, pids, Node, Facts), StringComparison.Ordinal);
        Assert.DoesNotContain(not, ForkAdvice.Clause(Pod, pids, Node, Facts), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        ConstraintScope.Container,
        PodPath + "/cri-containerd-0123456789ab.scope",
        "limit of the container (resources.limits"
    )]
    [InlineData(
        ConstraintScope.Pod,
        PodPath,
        "limit of the pod (resources.limits.memory of the pod or its containers)"
    )]
    [InlineData(
        ConstraintScope.Cgroup,
        PodPath + "/cri-containerd-0123456789ab.scope/inner",
        "raise the memory limit of cgroup /kube"
    )]
    [InlineData(ConstraintScope.Cgroup, "/kubepods.slice", "lower kubeReserved and systemReserved")]
    [InlineData(
        ConstraintScope.Cgroup,
        "/kubelet.slice/kubelet-kubepods.slice",
        "lower kubeReserved and systemReserved"
    )]
    [InlineData(
        ConstraintScope.Cgroup,
        "/kubepods.slice/kubepods-burstable.slice",
        "kubepods-burstable.slice, which they share"
    )]
    [InlineData(ConstraintScope.Node, "", "move pods to another node or add memory to this one")]
    public void Names_the_limit_of_the_memory_of_a_pod(ConstraintScope scope, string path, string advised)
    {
        foreach (var type in new[] { ConstraintType.ContainerMemory, ConstraintType.CopyOnWrite })
        {
            var memory = Pids with { Type = type, Scope = scope, ScopeName = path };

            Assert.Contains(advised, All(Pod, memory, Node, Facts), StringComparison.Ordinal);
            Assert.Contains(advised, ForkAdvice.Clause(Pod, memory, Node, Facts), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(ConstraintScope.Cgroup, "/system.slice/redis.service", "raise MemoryMax= of redis.service")]
    [InlineData(ConstraintScope.Cgroup, "/system.slice", "raise MemoryMax= of system.slice")]
    [InlineData(ConstraintScope.Cgroup, "/docker/0123456789ab", "raise the memory limit of the container (--memory)")]
    [InlineData(ConstraintScope.Container, "/kubepods/pod1/2", "limit of the container (resources.limits.memory)")]
    [InlineData(ConstraintScope.Cgroup, "/kubepods.slice", "lower kubeReserved and systemReserved")]
    [InlineData(ConstraintScope.Cgroup, "/kubepods/burstable", "raise the memory limit of cgroup /kubepods/burstable")]
    [InlineData(ConstraintScope.Node, "", "free memory of other programs or add memory or swap to the machine")]
    public void Names_the_limit_of_the_memory_of_a_unit(ConstraintScope scope, string path, string advised)
    {
        var memory = Pids with { Type = ConstraintType.CopyOnWrite, Scope = scope, ScopeName = path };

        Assert.Contains(
            advised,
            All(Host with { SystemdUnit = "redis.service" }, memory, Place.Host, Facts),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("/docker/0123456789ab")]
    [InlineData("/system.slice/docker-0123456789ab.scope")]
    [InlineData("/machine.slice/libpod-0123456789ab.scope")]
    public void Names_the_limit_of_a_container_engine(string path) =>
        Assert.Contains(
            "docker update --pids-limit",
            All(Host, Pids with { Scope = ConstraintScope.Cgroup, ScopeName = path }, Place.Host, Facts),
            StringComparison.Ordinal
        );

    [Fact]
    public void Names_who_does_not_reap_zombies_first() =>
        Assert.StartsWith(
            "60 of the tasks are zombies: sh (pid 12) does not wait for its children.",
            ForkAdvice.Sentences(
                Pod,
                Pids with
                {
                    Zombies = 60,
                    ZombieParent = new ZombieParentReport { Pid = 12, Command = "sh" },
                },
                Node,
                Facts
            )[0],
            StringComparison.Ordinal
        );

    [Fact]
    public void Names_the_other_failures_above_the_limit_of_a_user()
    {
        var text = All(Host, Pids with { Type = ConstraintType.UserProcesses }, Place.Host, Facts);

        Assert.Contains("ulimit -u", text, StringComparison.Ordinal);
        Assert.Contains("containers of the same uid share", text, StringComparison.Ordinal);
        Assert.Contains("EAGAIN", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "Usage is steady: nothing is urgent, and a restart would change nothing.")]
    [InlineData(null, "Usage is not known to grow: nothing is urgent.")]
    [InlineData(true, "A restart gives the tasks back and lets it fork again, until usage has grown as far again.")]
    public void Advises_a_restart_only_for_growth_or_a_refusal(bool? growing, string last) =>
        Assert.Equal(last, ForkAdvice.Sentences(Pod, Pids with { Growing = growing }, Node, Facts)[^1]);

    [Fact]
    public void Advises_room_for_a_save_or_a_replica()
    {
        var text = All(Pod, Pids with { Type = ConstraintType.CopyOnWrite }, Node, Facts);

        Assert.Contains("on a replica", text, StringComparison.Ordinal);
        Assert.Contains("resources.limits.memory", text, StringComparison.Ordinal);
    }

    private static ConstraintReport Pids =>
        new()
        {
            Type = ConstraintType.Pids,
            Unit = ConstraintUnit.Tasks,
            Scope = ConstraintScope.Pod,
            Confidence = Confidence.Exact,
            Used = 97,
            Limit = 100,
            Percent = 97,
        };

    private static ConstraintReport Refusing(MappingKind kind) =>
        new()
        {
            Type = ConstraintType.LargestMapping,
            Unit = ConstraintUnit.Bytes,
            Scope = ConstraintScope.Process,
            Confidence = Confidence.Exact,
            Used = 1001,
            Limit = 1000,
            Percent = 100,
            Refuses = true,
            Mapping = new MappingReport
            {
                Start = "7f0000000000",
                End = "7f0000001000",
                Kind = kind,
            },
        };

    private static string First(ProcessReport process, AdviceFacts facts) =>
        ForkAdvice.Sentences(process, Refusing(MappingKind.Anonymous), Place.Host, facts)[0];

    private static string All(ProcessReport process, ConstraintReport constraint, Place place, AdviceFacts facts) =>
        string.Join('\n', ForkAdvice.Sentences(process, constraint, place, facts));
}
