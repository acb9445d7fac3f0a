using System.Text.RegularExpressions;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>A container for which lxcfs makes up /proc/meminfo, while the kernel counts the memory of the machine.</summary>
[Trait("Needs", "Machine")]
public sealed partial class ForeignProcTests : IDisposable
{
    private const string Reason = "/proc/meminfo is not the kernel's";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-lxcfs-");
    private readonly string _mounts;

    public ForeignProcTests()
    {
        var meminfo = Path.Combine(_folder.FullName, "meminfo");
        File.WriteAllText(meminfo, MemTotal().Replace(File.ReadAllText("/proc/meminfo"), "MemTotal: 4194304 kB"));
        _mounts = $"mount --bind {meminfo} /proc/meminfo";
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>More than the made-up memory, and less than the kernel grants.</summary>
    [Fact]
    public async Task Check_prints_unknown_with_the_reason()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await HalfAsync(Victim.UniqueName());
        Assert.Equal(Errno.None, await victim.ForkAsync(Check.Stop));

        var json = await OwnMounts.RunAsync(_mounts, "check", Check.Text(victim.Pid), "-o", "json");
        var answer = new CheckAnswer(Assert.Single(Check.Objects(json)), json.ExitCode);
        Assert.Equal(("Unknown", null, 3), (answer.Verdict, answer.Confidence, answer.ExitCode));
        Assert.Contains(Reason, answer.Problem, StringComparison.Ordinal);
        Assert.Contains(Reason, (string?)answer.Constraint("LargestMapping")!["problem"], StringComparison.Ordinal);
        Assert.NotNull(answer.Constraint("Threads")!["used"]);

        var words = await OwnMounts.RunAsync(_mounts, "check", Check.Text(victim.Pid));
        Assert.Contains($"({victim.Pid}): unknown\n", words.StandardOutput, StringComparison.Ordinal);
        Assert.Contains(Reason, words.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("CANNOT FORK", words.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_once_evaluates_nothing_by_it_and_prints_the_reason()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand();
        await using var victim = await HalfAsync(folder.Command);

        var result = await OwnMounts.RunAsync(_mounts, "watch", "-f", folder.Root, "--once");
        Assert.DoesNotMatch($" Fork[A-Za-z]+ {folder.Command} ", result.StandardOutput);
        Assert.Contains(Reason, result.StandardOutput, StringComparison.Ordinal);
        Assert.Matches("first scan: .* 0 at risk", result.StandardOutput);
        Assert.DoesNotMatch("largest mapping at (most )?0 %", result.StandardOutput);
        Assert.Equal(3, result.ExitCode);
    }

    private static Task<Victim> HalfAsync(string name) =>
        Victim.StartAsync(VictimLayout.Merged, MemoryLimit.Pages() / 2, name, cancellationToken: Check.Stop);

    [GeneratedRegex("MemTotal: *[0-9]+ kB", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MemTotal();
}
