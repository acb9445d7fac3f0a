using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>A pids limit that cannot be read: it alone is unknown, with its reason, and nothing else is lost.</summary>
[Trait("Needs", "Machine")]
public sealed class UnreadableCgroupTests : IAsyncLifetime
{
    private const int Tasks = 50;

    private readonly TestCgroup _outer = TestCgroup.Create();
    private TestCgroup _cgroup = null!;

    public ValueTask InitializeAsync()
    {
        _cgroup = _outer.CreateChild();
        _cgroup.SetMax(Tasks);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _cgroup.DisposeAsync();
        await _outer.DisposeAsync();
    }

    /// <summary>A kind of damage: the commands that do it to the cgroup, and the reason that is printed.</summary>
    public static TheoryData<string, string> Damages() =>
        new()
        {
            // A read of the memory of another process at address 0 fails.
            { "mount --bind /proc/1/mem {cgroup}/pids.current", "pids.current of" },
            { "mount --bind /dev/null {cgroup}/pids.current", "it is empty" },
            { "mount --bind /proc/1/mem {cgroup}/pids.max", "pids.max of" },
            { "umount -l {hierarchy}", "the hierarchy of the controller is not mounted" },
            { "mount -t tmpfs none {outer}", " does not exist" },
        };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Check_lists_every_other_constraint_as_before(string damage, string reason)
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        _cgroup.Add(victim.Pid);
        var whole = await Check.InJsonAsync(victim.Pid);
        Assert.Equal(("CanFork", Tasks), (whole.Verdict, (int)whole.Constraint("Pids")!["limit"]!));

        var result = await OwnMounts.RunAsync(MountsOf(damage), "check", Check.Text(victim.Pid), "-o", "json");
        var answer = new CheckAnswer(Assert.Single(Check.Objects(result)), result.ExitCode);
        Assert.Equal(("Unknown", 3), (answer.Verdict, answer.ExitCode));
        Assert.Contains(reason, (string?)answer.Constraint("Pids")!["problem"], StringComparison.Ordinal);
        Assert.Equal(TypesOf(whole), TypesOf(answer), StringComparer.Ordinal);
        Assert.All(
            TypesOf(answer).Where(type => type != "Pids" && !IsOfSameHierarchy(type)),
            type => Assert.Null(answer.Constraint(type)!["problem"])
        );

        var words = await OwnMounts.RunAsync(MountsOf(damage), "check", Check.Text(victim.Pid));
        Assert.Matches("Pids +unknown: ", words.StandardOutput);
        Assert.Matches(@"Threads +\d+ of \d+ tasks, \d+ %, exact", words.StandardOutput);
        Assert.Equal(3, words.ExitCode);
    }

    /// <summary>The watch goes on: a refusal for another reason is emitted all the same.</summary>
    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Watch_emits_a_refusal_for_another_reason(string damage, string reason)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        _cgroup.Add(victim.Pid);
        var result = await OwnMounts.RunAsync(MountsOf(damage), "watch", "-f", folder.Root, "--once", "-o", "json");
        var emitted = Assert.Single(Check.Objects(result), o => (string?)o["event"] == "ForkImpossible");
        Assert.Equal(victim.Pid, (int)emitted["process"]!["pid"]!);
        Assert.Equal("LargestMapping", (string?)emitted["constraint"]!["type"]);
        var pids = emitted["process"]!["constraints"]!.AsArray().Single(c => (string?)c!["type"] == "Pids")!;
        Assert.Contains(reason, (string?)pids["problem"], StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
    }

    private string MountsOf(string damage) =>
        damage
            .Replace("{cgroup}", _cgroup.Directory, StringComparison.Ordinal)
            .Replace("{outer}", _outer.Directory, StringComparison.Ordinal)
            .Replace("{hierarchy}", Path.GetDirectoryName(_outer.Directory), StringComparison.Ordinal);

    private bool IsOfSameHierarchy(string type) =>
        type is "ContainerMemory" or "CopyOnWrite" && Path.GetDirectoryName(_outer.Directory) == "/sys/fs/cgroup";

    private static IEnumerable<string> TypesOf(CheckAnswer answer) =>
        answer.Json["constraints"]!.AsArray().Select(c => (string)c!["type"]!).Order(StringComparer.Ordinal);
}
