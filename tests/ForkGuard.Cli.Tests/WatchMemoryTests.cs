using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>Memory of the published program while it watches.</summary>
[Trait("Needs", "Machine")]
public sealed class WatchMemoryTests : IDisposable
{
    private const int MaxResidentKib = 16 * 1024;

    private readonly DirectoryInfo _folder = Directory.CreateDirectory(
        Path.Combine(RepositoryPaths.Artifacts, $"watch-memory-{Guid.NewGuid():N}")
    );

    /// <summary>The kernel leaves pages that other processes of the same file map, such as those of other tests.</summary>
    [Fact]
    public async Task Watch_has_at_most_16_mib_resident_once_it_has_started()
    {
        var policy = Path.Combine(_folder.FullName, "watch.yaml");
        await File.WriteAllTextAsync(
            policy,
            "apiVersion: forkguard.io/v1alpha1\nkind: ClusterForkWatch\nmetadata: {name: all}\nspec: {hostProcesses: {}}\n",
            Check.Stop
        );
        var program = Path.Combine(_folder.FullName, "forkguard");
        // A file that this process has open for writing would be busy in a child that another test starts meanwhile.
        await CliWrap.Cli.Wrap("cp").WithArguments([ForkGuardBinary.Path, program]).ExecuteAsync(Check.Stop);
        await using var watch = ForkGuardProcess.Start(
            ["watch", "-f", policy, "-o", "json", "--interval", "1"],
            program: program
        );

        await watch.WaitForLineAsync(
            line => line.Contains("\"type\":\"Scan\"", StringComparison.Ordinal),
            cancellationToken: Check.Stop
        );
        await Condition.HoldsAsync(
            () => ResidentKib(watch.Pid) <= MaxResidentKib,
            "resident memory within the goal",
            Check.Stop
        );
        Assert.Empty(watch.Errors);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static int ResidentKib(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return int.Parse(line["VmRSS:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
    }
}
