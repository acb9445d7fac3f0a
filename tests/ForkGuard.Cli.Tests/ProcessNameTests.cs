using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>Processes by their names.</summary>
[Trait("Needs", "Machine")]
public class ProcessNameTests
{
    [Theory]
    [InlineData("check")]
    [InlineData("explain")]
    public async Task A_name_gives_the_answer_of_the_pid(string command)
    {
        var name = Victim.UniqueName();
        await using var victim = await StartAsync(name);
        var byName = await RunAsync(command, name, "-o", "json");
        Assert.Equal((0, ""), (byName.ExitCode, byName.StandardError));
        Assert.Equal(victim.Pid, (int)Assert.Single(Check.Objects(byName))["pid"]!);
    }

    /// <summary>The kernel keeps 15 bytes.</summary>
    [Fact]
    public async Task A_name_longer_than_the_kernels_is_found_by_its_beginning()
    {
        var name = Victim.UniqueName();
        await using var victim = await StartAsync(name + "-worker-7");
        var answer = await RunAsync("check", name + "-worker-7", "-o", "json");
        Assert.Equal(victim.Pid, (int)Assert.Single(Check.Objects(answer))["pid"]!);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("explain")]
    public async Task Of_several_processes_each_is_listed_and_none_is_taken(string command)
    {
        var name = Victim.UniqueName();
        await using var one = await StartAsync(name);
        await using var other = await StartAsync(name);
        var result = await RunAsync(command, name);
        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
        Assert.Contains($"2 processes are named \"{name}\"", result.StandardError, StringComparison.Ordinal);
        Assert.All([one.Pid, other.Pid], pid => Assert.Matches($@"\n.* {pid}  .*child of \d+\n", result.StandardError));
    }

    [Fact]
    public async Task A_misspelt_name_is_answered_with_the_nearest_one()
    {
        var name = Victim.UniqueName();
        await using var victim = await StartAsync(name);
        var result = await RunAsync("check", name[..^1] + "_");
        Assert.Equal((3, ""), (result.ExitCode, result.StandardOutput));
        Assert.Contains($"did you mean \"{name}\"?", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_unknown_name_of_several_ends_without_half_an_answer()
    {
        var name = Victim.UniqueName();
        await using var victim = await StartAsync(name);
        var result = await RunAsync("check", name, "there-is-no-such-command");
        Assert.Equal((3, ""), (result.ExitCode, result.StandardOutput));
    }

    [Fact]
    public async Task The_processes_of_a_pod_are_found_by_its_uid()
    {
        const string uid = "0f5a1c3e-1111-2222-3333-444455556666";
        await using var victim = await StartAsync(Victim.UniqueName());
        using var captured = CapturedProc.Of(victim.Pid);
        var container = new string('a', 64);
        await File.WriteAllTextAsync(
            captured.FileOf("cgroup"),
            $"0::/kubepods/burstable/pod{uid}/{container}\n",
            Check.Stop
        );
        var found = await RunAsync("check", "--pod", uid, "-o", "json", "--proc", captured.Root);
        Assert.Equal((0, ""), (found.ExitCode, found.StandardError));
        Assert.Equal(victim.Pid, (int)Assert.Single(Check.Objects(found))["pid"]!);
        var none = await RunAsync("check", "--pod", "f" + uid[1..], "--proc", captured.Root);
        Assert.Equal((3, ""), (none.ExitCode, none.StandardOutput));
        Assert.Contains("belongs to a pod with the uid", none.StandardError, StringComparison.Ordinal);
    }

    private static Task<Victim> StartAsync(string name) =>
        Victim.StartAsync(VictimLayout.Idle, 0, name, cancellationToken: Check.Stop);

    private static Task<ProgramResult> RunAsync(params string[] arguments) =>
        ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
}
