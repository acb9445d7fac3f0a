using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Policy.Tests.Messages;

/// <summary>Names of constraints, amounts, scopes, mappings, processes and refusals, as people read them.</summary>
public sealed class ConstraintTextTests
{
    [Theory]
    [InlineData("LargestMapping", "largest mapping")]
    [InlineData("CommitCharge", "commit charge of the node")]
    [InlineData("Pids", "pids limit of the pod")]
    [InlineData("Threads", "thread limit of the node")]
    [InlineData("PidSpace", "pid limit of the node")]
    [InlineData("UserProcesses", "process limit of the pod")]
    [InlineData("PidNamespace", "pid namespace")]
    [InlineData("ContainerMemory", "memory for a fork in the pod")]
    [InlineData("CopyOnWrite", "memory for a save in the pod")]
    [InlineData("Later", "Later")]
    public void A_constraint_has_a_name(string type, string name) =>
        Assert.Equal(name, ConstraintText.Name(Given.Pids(50) with { Type = new OpenEnum<ConstraintType>(type) }));

    [Theory]
    [InlineData("Process", "x", "the process")]
    [InlineData("Container", "x", "the container")]
    [InlineData("Pod", "x", "the pod")]
    [InlineData("Cgroup", "/a", "cgroup /a")]
    [InlineData("Cgroup", null, "the cgroup")]
    [InlineData("User", "1000", "uid 1000")]
    [InlineData("User", null, "the user")]
    [InlineData("Node", "x", "the node")]
    [InlineData("Later", "x", "x")]
    [InlineData("Later", null, "Later")]
    public void A_limit_names_who_shares_it(string scope, string? name, string text) =>
        Assert.Equal(
            $"pids limit of {text}",
            ConstraintText.Name(Given.Pids(50) with { Scope = new OpenEnum<ConstraintScope>(scope), ScopeName = name })
        );

    [Theory]
    [InlineData("Tasks", 1, "1 task")]
    [InlineData("Tasks", 2, "2 tasks")]
    [InlineData("Pids", 1, "1 pid")]
    [InlineData("Pids", 2, "2 pids")]
    [InlineData("Bytes", 1024, "1.0 KiB")]
    [InlineData("Later", 2, "2 Later")]
    public void An_amount_has_its_unit(string unit, long amount, string text) =>
        Assert.Equal(
            text,
            ConstraintText.Amount(Given.Pids(50) with { Unit = new OpenEnum<ConstraintUnit>(unit) }, amount)
        );

    [Fact]
    public void A_pid_namespace_shows_its_init_instead_of_numbers()
    {
        var dead = Given.Pids(50) with { Type = ConstraintType.PidNamespace, Refuses = true };

        Assert.Equal("its init has ended", ConstraintText.UsedOfLimit(dead));
        Assert.Equal("its init runs", ConstraintText.UsedOfLimit(dead with { Refuses = null }));
    }

    [Theory]
    [InlineData("Heap", null, "heap")]
    [InlineData("Stack", null, "stack of the main thread")]
    [InlineData("ThreadStacks", null, "thread stacks")]
    [InlineData("File", "/srv/model.bin", "private mapping of /srv/model.bin")]
    [InlineData("File", null, "private mapping of a file")]
    [InlineData("Anonymous", null, null)]
    public void A_mapping_shows_its_content(string kind, string? name, string? text) =>
        Assert.Equal(
            text,
            MappingText.Of(
                new MappingReport
                {
                    Start = "1",
                    End = "2",
                    Kind = new OpenEnum<MappingKind>(kind),
                    Name = name,
                }
            )
        );

    [Fact]
    public void A_process_is_named_with_its_owner_and_the_number_of_equal_ones()
    {
        var process = new ProcessReport { Pid = 7, Command = "sh" };

        Assert.Equal("this machine", ProcessSubject.Of(null, null));
        Assert.Equal("node n", ProcessSubject.Of(null, "n"));
        Assert.Equal("sh (pid 7 on n)", ProcessSubject.Of(process with { ProcessCount = 1 }, "n"));
        Assert.Equal(
            "sh (2 processes, the worst has pid 7)",
            ProcessSubject.Of(process with { ProcessCount = 2 }, null)
        );
        Assert.Equal("sh", ProcessSubject.Of(process with { Pid = 0 }, null));
        Assert.Equal("a.service, sh", ProcessSubject.Of(process with { Pid = 0, SystemdUnit = "a.service" }, null));
        Assert.Equal(
            "container abc, sh",
            ProcessSubject.Of(
                process with
                {
                    Pid = 0,
                    Container = new ContainerReference { Id = "abc" },
                },
                null
            )
        );
    }

    [Theory]
    [InlineData(0L, null)]
    [InlineData(1L, "1 zombie not reaped")]
    [InlineData(2L, "2 zombies not reaped")]
    public void Zombies_are_counted(long zombies, string? text) =>
        Assert.Equal(text, ZombieText.Of(Given.Pids(50) with { Zombies = zombies }));

    [Theory]
    [InlineData("Pids", 1, 0, "the kernel refused a fork in cgroup name at its pids limit, as its log shows")]
    [InlineData("Memory", 1, 0, "the kernel refused a fork or a mapping 1 time, the last of 1.0 KiB, as its log shows")]
    [InlineData(
        "Memory",
        4,
        1,
        "the kernel refused a fork or a mapping 4 times within 1 s, the last of 1.0 KiB, as its log shows"
    )]
    [InlineData(
        "SuppressedMemory",
        4,
        9,
        "the kernel refused forks or mappings 4 times within 9 s and did not log whose"
    )]
    [InlineData("Later", 4, 9, "the kernel refused 4 times within 9 s: Later")]
    public void A_refusal_of_the_log_is_a_clause(string kind, long count, int seconds, string text)
    {
        var refusal = new RefusalReport
        {
            Kind = new OpenEnum<RefusalKind>(kind),
            Name = "name",
            Count = count,
            Since = Given.Start,
            LastTime = Given.At(seconds),
            LastBytes = 1024,
        };

        Assert.Equal(text, LoggedRefusalText.Of(refusal));
        Assert.DoesNotContain(
            "the last of",
            LoggedRefusalText.Of(refusal with { LastBytes = null }),
            StringComparison.Ordinal
        );
    }
}
