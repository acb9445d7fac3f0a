using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary><c>check --record</c> and <c>check --replay</c>.</summary>
[Trait("Needs", "Machine")]
public sealed class RecordTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-record-");

    private string File => Path.Combine(_folder.FullName, "record.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0, "CanFork", 0)]
    [InlineData(1, "CannotFork", 1)]
    public async Task A_replay_gives_the_verdict_after_the_process_has_ended(
        int pagesAbove,
        string verdict,
        int exitCode
    )
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.Merged,
            MemoryLimit.Pages() + pagesAbove,
            cancellationToken: Check.Stop
        );
        var live = await Check.InJsonAsync(victim.Pid);
        var recorded = await RecordAsync(victim.Pid);
        await victim.DisposeAsync();
        var replayed = await ReplayAsync();
        Assert.Equal((verdict, exitCode), ((string?)Verdict(replayed), replayed.ExitCode));
        Assert.Equal(recorded.StandardOutput, replayed.StandardOutput);
        Assert.Equal(live.Accounting.ToJsonString(), Accounting(replayed).ToJsonString());
    }

    [Fact]
    public async Task A_pids_limit_is_evaluated_from_the_recorded_cgroup()
    {
        await using var cgroup = TestCgroup.Create();
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        cgroup.Add(victim.Pid);
        cgroup.SetMax(1);
        await RecordAsync(victim.Pid);
        cgroup.SetMax(100);
        var replayed = await ReplayAsync();
        Assert.Equal(1, replayed.ExitCode);
        var pids = Constraint(replayed, "Pids");
        Assert.Equal(("1", "1", "true"), ($"{pids["used"]}", $"{pids["limit"]}", $"{pids["refuses"]}"));
        Assert.Equal($"/{Path.GetFileName(cgroup.Directory)}", (string?)pids["scopeName"]);
    }

    /// <summary>Other pids, no access to files of root, and another memory size by a mount over meminfo.</summary>
    [Fact]
    public async Task Another_machine_gives_the_same_answer()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "asks for root, to mount");
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        var recorded = await RecordAsync(victim.Pid);
        await victim.DisposeAsync();
        var other = Path.Combine(_folder.FullName, "meminfo");
        await System.IO.File.WriteAllTextAsync(
            other,
            "MemTotal: 1000 kB\nMemFree: 10 kB\nSwapTotal: 0 kB\n",
            Check.Stop
        );
        const string script =
            "mount --bind \"$1\" /proc/meminfo && mount -t tmpfs none /sys/fs/cgroup && shift && exec \"$@\"";
        string[] replay = [ForkGuardBinary.Path, "check", "--replay", File, "-o", "json"];
        var result = await CliWrap
            .Cli.Wrap("unshare")
            .WithArguments(["--mount", "--pid", "--fork", "--mount-proc", "sh", "-c", script, "sh", other, .. replay])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Check.Stop);
        Assert.Equal("", result.StandardError);
        Assert.Equal((recorded.ExitCode, recorded.StandardOutput), (result.ExitCode, result.StandardOutput));
    }

    [Fact]
    public async Task Arguments_and_environment_are_not_recorded_and_others_may_not_read_the_file()
    {
        var start = new ProcessStartInfo("sleep", ["86399.25"]) { UseShellExecute = false };
        start.Environment["PASSWORD"] = "correct-horse";
        using var process = Process.Start(start)!;
        try
        {
            await Condition.HoldsAsync(
                () => System.IO.File.ReadAllText($"/proc/{process.Id}/comm") == "sleep\n",
                "the program has started",
                Check.Stop
            );
            await RecordAsync(process.Id);
        }
        finally
        {
            process.Kill();
        }

        var text = await System.IO.File.ReadAllTextAsync(File, Check.Stop);
        Assert.DoesNotContain("correct-horse", text, StringComparison.Ordinal);
        Assert.DoesNotContain("86399.25", text, StringComparison.Ordinal);
        Assert.All(Names(text), name => Assert.Matches("^(proc|cgroup)/", name));
        Assert.All(Names(text), name => Assert.DoesNotMatch("/(environ|cmdline|mem)$", name));
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(99)]
    public async Task A_truncated_file_is_an_error_that_says_so(int percent)
    {
        await RecordAsync(Environment.ProcessId);
        var text = await System.IO.File.ReadAllTextAsync(File, Check.Stop);
        await System.IO.File.WriteAllTextAsync(File, text[..(text.Length * percent / 100)], Check.Stop);
        await MustBeRejectedAsync("it is not a complete record");
    }

    [Theory]
    [InlineData("format", "forkguard-check/9", "its format is \"forkguard-check/9\"")]
    [InlineData("pid", "-1", "it is not a complete record")]
    [InlineData("files", "{}", "is missing in it")]
    [InlineData("files", "{\"proc/../../etc/passwd\":\"x\"}", "it names a file that no record has")]
    [InlineData("files", "{\"/etc/passwd\":\"x\"}", "it names a file that no record has")]
    [InlineData("links", "{\"proc/1/ns/pid\":\"/etc/shadow\"}", "it names a file that no record has")]
    [InlineData("facts", "null", "it is not a complete record")]
    public async Task A_changed_record_is_rejected(string member, string value, string reason)
    {
        await RecordAsync(Environment.ProcessId);
        var record = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File, Check.Stop))!.AsObject();
        record[member] = value is ['{', ..] or "null" ? JsonNode.Parse(value) : value;
        await System.IO.File.WriteAllTextAsync(File, record.ToJsonString(), Check.Stop);
        await MustBeRejectedAsync(reason);
    }

    [Theory]
    [InlineData("files", "proc/stat")]
    [InlineData("links", "proc/self/ns/pid")]
    public async Task A_record_without_the_text_of_a_file_is_rejected(string member, string name)
    {
        await RecordAsync(Environment.ProcessId);
        var record = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File, Check.Stop))!;
        record[member]![name] = null;
        await System.IO.File.WriteAllTextAsync(File, record.ToJsonString(), Check.Stop);
        await MustBeRejectedAsync($"it has no text for \"{name}\"");
    }

    [Fact]
    public async Task A_pipe_is_rejected()
    {
        string[] replay = [ForkGuardBinary.Path, "check", "--replay", "/dev/stdin"];
        var result = await CliWrap
            .Cli.Wrap("sh")
            .WithArguments(["-c", "echo | \"$@\"", "sh", .. replay])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Check.Stop);
        Assert.Equal(
            (2, "forkguard: --replay: /dev/stdin: it is not a regular file\n"),
            (result.ExitCode, result.StandardError)
        );
    }

    [Fact]
    public async Task A_named_pipe_is_rejected_without_a_writer()
    {
        await CliWrap.Cli.Wrap("mkfifo").WithArguments([File]).ExecuteAsync(Check.Stop);
        await MustBeRejectedAsync("it is not a regular file");
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task Others_may_not_read_a_record_that_replaces_a_file_of_theirs()
    {
        await System.IO.File.WriteAllTextAsync(File, "", Check.Stop);
        System.IO.File.SetUnixFileMode(File, (UnixFileMode)Convert.ToInt32("666", 8));
        await RecordAsync(Environment.ProcessId);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task A_dash_writes_the_record_to_standard_output()
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        string[] arguments = ["check", Check.Text(victim.Pid), "--record", "-"];
        var record = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        Assert.Equal((0, ""), (record.ExitCode, record.StandardError));
        await System.IO.File.WriteAllTextAsync(File, record.StandardOutput, Check.Stop);
        var replayed = await ReplayAsync();
        Assert.Equal((0, "CanFork"), (replayed.ExitCode, (string?)Verdict(replayed)));
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var result = await ReplayAsync();
        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
        Assert.Contains($"--replay: {File}: ", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_has_ended_leaves_no_file()
    {
        string[] arguments = ["check", "2147483647", "--record", File];
        var result = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        Assert.Equal((3, ""), (result.ExitCode, result.StandardOutput));
        Assert.Contains("there is no such process", result.StandardError, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));
    }

    [Theory]
    [InlineData("--replay may not be combined", "check", "1", "--replay", "x")]
    [InlineData("--record saves one process", "check", "1", "2", "--record", "x")]
    public async Task Words_that_exclude_each_other_are_a_usage_error(string said, params string[] arguments)
    {
        var result = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(said, result.StandardError, StringComparison.Ordinal);
    }

    private async Task MustBeRejectedAsync(string reason)
    {
        var result = await ReplayAsync();
        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
        Assert.Matches(@"\Aforkguard: [^\n]*\n\z", result.StandardError);
        Assert.Contains(reason, result.StandardError, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(string record) =>
        JsonNode.Parse(record)!["files"]!.AsObject().Select(file => file.Key);

    private static JsonNode? Verdict(ProgramResult result) => Assert.Single(Check.Objects(result))["verdict"];

    private static JsonObject Constraint(ProgramResult result, string type) =>
        new CheckAnswer(Assert.Single(Check.Objects(result)), result.ExitCode).Constraint(type)!;

    private static JsonObject Accounting(ProgramResult result) =>
        new CheckAnswer(Assert.Single(Check.Objects(result)), result.ExitCode).Accounting;

    private async Task<ProgramResult> RecordAsync(int pid)
    {
        string[] arguments = ["check", Check.Text(pid), "--record", File, "-o", "json"];
        var result = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        Assert.Equal("", result.StandardError);
        return result;
    }

    private Task<ProgramResult> ReplayAsync() =>
        ForkGuardBinary.RunAsync(["check", "--replay", File, "-o", "json"], cancellationToken: Check.Stop);
}
