using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>A <c>watch</c> that is granted no more memory, as in mode 2 with nothing left to commit.</summary>
[Trait("Needs", "Machine")]
public class NothingToCommitTests
{
    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task It_tells_risk_and_recovery_and_ends_cleanly(string format)
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() / 2);
        await using var watch = folder.Watch(format);
        await watch.WaitForLineAsync(
            Has(format == "text" ? "first scan: " : "\"Scan\""),
            cancellationToken: Check.Stop
        );
        await GrantNoMoreAsync(watch.Pid);

        Assert.Equal(Errno.None, await victim.GrowAsync((MemoryLimit.Pages() / 2) + 2, Check.Stop));
        await watch.WaitForLineAsync(Has("ForkImpossible"), cancellationToken: Check.Stop);
        Assert.Equal(Errno.None, await victim.FreeAsync(Check.Stop));
        await watch.WaitForLineAsync(Has("ForkRecovered"), cancellationToken: Check.Stop);
        await watch.SignalAsync("TERM", Check.Stop);
        Assert.Equal(0, await watch.WaitForExitAsync(Check.Stop));
        Assert.Contains(format == "text" ? "stopped after" : "\"End\"", watch.Lines[^1], StringComparison.Ordinal);
        Assert.Equal("", watch.Errors);
    }

    /// <summary>
    /// RLIMIT_DATA (getrlimit(2)) becomes what it has: at a page more brk, mmap and mprotect fail with the error that they
    /// fail with where nothing is left to commit.
    /// </summary>
    private static async Task GrantNoMoreAsync(int pid)
    {
        var data = File.ReadLines($"/proc/{pid}/status")
            .First(line => line.StartsWith("VmData:", StringComparison.Ordinal));
        var kibibytes = data.Split(' ', '\t', StringSplitOptions.RemoveEmptyEntries)[1];
        var limit = long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
        await CliWrap
            .Cli.Wrap("prlimit")
            .WithArguments(string.Create(CultureInfo.InvariantCulture, $"--pid {pid} --data={limit}"))
            .ExecuteAsync(Check.Stop);
    }

    private static Func<string, bool> Has(string text) => line => line.Contains(text, StringComparison.Ordinal);
}
