using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>What check advises, by the kind of mapping.</summary>
[Trait("Needs", "Machine")]
public class AdviceTests
{
    private const string Uid = "0f5a1c3e-1111-2222-3333-444455556666";

    // As the chart sets it.
    private static readonly Dictionary<string, string?> AgentEnvironment = new(StringComparer.Ordinal)
    {
        ["NODE_NAME"] = "node-1",
        ["POD_NAMESPACE"] = "forkguard-system",
        ["POD_NAME"] = "forkguard-agent-x7k2p",
    };

    [Fact]
    public async Task Names_every_remedy_for_an_anonymous_mapping()
    {
        var said = await SaidOfAsync(VictimLayout.Merged);
        Assert.Contains("posix_spawn", said, StringComparison.Ordinal);
        Assert.Contains("madvise(MADV_DONTFORK)", said, StringComparison.Ordinal);
        Assert.Contains("MAP_NORESERVE", said, StringComparison.Ordinal);
        Assert.Contains("Add at least 1.0 MiB of swap", said, StringComparison.Ordinal);
        Assert.Contains("sysctl vm.overcommit_memory=1", said, StringComparison.Ordinal);
        Assert.Contains("A restart", said, StringComparison.Ordinal);
        Assert.DoesNotContain("read-only now", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Advises_to_map_a_file_read_only_or_shared()
    {
        var said = await SaidOfAsync(VictimLayout.Memfd);
        Assert.Contains("read-only or with MAP_SHARED", said, StringComparison.Ordinal);
        Assert.DoesNotContain("MAP_NORESERVE", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Advises_neither_to_map_the_heap_otherwise_nor_to_withhold_it_from_a_child()
    {
        var said = await SaidOfAsync(VictimLayout.Brk);
        Assert.Contains("[heap]", said, StringComparison.Ordinal);
        Assert.DoesNotContain("MADV_DONTFORK", said, StringComparison.Ordinal);
        Assert.DoesNotContain("MAP_NORESERVE", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explains_why_a_mapping_that_was_written_once_still_counts()
    {
        var said = await SaidOfAsync(VictimLayout.WrittenReadOnly);
        Assert.Contains("is read-only now but was writable", said, StringComparison.Ordinal);
        Assert.Contains("munmap", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_swap_that_is_advised_is_enough()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        var pages = MemoryLimit.Pages() + (3L << 20) / Environment.SystemPageSize + 1;
        await using var victim = await Victim.StartAsync(VictimLayout.Merged, pages, cancellationToken: Check.Stop);
        var said = (await Check.InWordsAsync(victim.Pid)).StandardOutput;
        Assert.Contains("Add at least 4.0 MiB of swap", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_can_fork_is_given_no_advice()
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        var words = await Check.InWordsAsync(victim.Pid);
        Assert.DoesNotContain("what to do", words.StandardOutput, StringComparison.Ordinal);
        Assert.Null((await Check.InJsonAsync(victim.Pid)).Json["advice"]);
    }

    /// <summary>A pod gets no swap of its own, and the settings are those of its node: as in the Event about it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_in_a_pod_and_one_beside_an_agent_get_the_advice_for_a_node(bool isInPod)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            MemoryLimit.Pages() + 1,
            cancellationToken: Check.Stop
        );
        using var captured = CapturedProc.Of(victim.Pid);
        if (isInPod)
        {
            await File.WriteAllTextAsync(
                captured.FileOf("cgroup"),
                $"0::/kubepods/pod{Uid}/{new string('a', 64)}\n",
                Check.Stop
            );
        }

        var meminfo = Path.Combine(captured.Root, "meminfo");
        var lines = await File.ReadAllLinesAsync(meminfo, Check.Stop);
        await File.WriteAllLinesAsync(
            meminfo,
            lines.Select(line =>
                line.StartsWith("Swap", StringComparison.Ordinal) ? $"{line.Split(':')[0]}: 0 kB" : line
            ),
            Check.Stop
        );
        string[] arguments = ["check", Check.Text(victim.Pid), "-o", "json", "--proc", captured.Root];
        var answer = await ForkGuardBinary.RunAsync(
            arguments,
            environment: isInPod ? null : AgentEnvironment,
            cancellationToken: Check.Stop
        );

        var json = Assert.Single(Check.Objects(answer));
        var advice = string.Join('\n', json["advice"]!.AsArray().Select(sentence => (string?)sentence));
        Assert.DoesNotContain("swap", advice, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("sysctl vm.overcommit_memory=1 on the node", advice, StringComparison.Ordinal);
        Assert.Equal(isInPod ? Uid : null, (string?)json["pod"]?["uid"]);
    }

    [Fact]
    public async Task Where_a_save_may_not_fit_check_has_the_advice_for_one()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            (64 << 20) / Environment.SystemPageSize,
            cancellationToken: Check.Stop
        );
        cgroup.Add(victim.Pid);
        cgroup.LimitToRoom(64 << 20);
        Assert.Equal(0, await victim.TouchAsync((48 << 20) / Environment.SystemPageSize, Check.Stop));

        var words = (await Check.InWordsAsync(victim.Pid)).StandardOutput;
        var json = (await Check.InJsonAsync(victim.Pid)).Json;

        Assert.Matches(@"  if it saves +Every page that is written while a child saves is copied", words);
        Assert.Contains("raise the memory limit of", (string?)json["saveAdvice"], StringComparison.Ordinal);
    }

    // The same sentences in JSON as in words.
    private static async Task<string> SaidOfAsync(string layout)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            layout,
            MemoryLimit.Pages() + 1,
            cancellationToken: Check.Stop
        );
        var words = await Check.InWordsAsync(victim.Pid);
        Assert.Equal(1, words.ExitCode);
        var remedies = (await Check.InJsonAsync(victim.Pid)).Json["advice"]!.AsArray();
        Assert.All(
            remedies,
            remedy => Assert.Contains($"    - {(string)remedy!}\n", words.StandardOutput, StringComparison.Ordinal)
        );
        return words.StandardOutput;
    }
}
