using System.Globalization;
using ForkGuard.Cli.Tests.Serving;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>Machines on which processes come and go, such as those of a CI.</summary>
[Trait("Needs", "Machine")]
public sealed class ChurnTests
{
    private const int Processes = 400;
    private const int Rounds = 4;
    private const int MaxGrowthKib = 2048;

    [Fact]
    public async Task Processes_that_come_and_go_between_scans_leave_no_memory_and_no_descriptor_behind()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = await ListeningWatch.StartAsync(folder);
        var first = 0L;
        for (var round = 1; round <= Rounds; round++)
        {
            var ended = await StartAndEndAsync(watch);
            await Condition.HoldsAsync(
                () => !Descriptors(watch.Process.Pid).Intersect(ended, StringComparer.Ordinal).Any(),
                "no descriptor of a process that has ended",
                Check.Stop
            );
            first = round == 1 ? AnonymousKib(watch.Process.Pid) : first;
        }

        Assert.InRange(AnonymousKib(watch.Process.Pid) - first, long.MinValue, MaxGrowthKib);
    }

    /// <summary>Returns the statm files of the processes, each of which a scan has held.</summary>
    private static async Task<IReadOnlyCollection<string>> StartAndEndAsync(ListeningWatch watch)
    {
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop);
        Assert.Equal(Errno.None, await victim.StartWorkersAsync(Processes, Check.Stop));
        HashSet<string> files =
        [
            .. (await File.ReadAllTextAsync(Text($"/proc/{victim.Pid}/task/{victim.Pid}/children"), Check.Stop))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(pid => $"/proc/{pid}/statm"),
        ];
        Assert.Equal(Processes, files.Count);
        await Condition.HoldsAsync(
            () => Descriptors(watch.Process.Pid).Count(files.Contains) == Processes,
            "a scan holds all of them",
            Check.Stop
        );
        return files;
    }

    /// <summary>Files that the descriptors of a process refer to.</summary>
    private static List<string> Descriptors(int pid) =>
        [
            .. Directory
                .EnumerateFiles(Text($"/proc/{pid}/fd"))
                .Select(link => new FileInfo(link).LinkTarget)
                .OfType<string>()
                .Select(target => target.Replace(" (deleted)", "", StringComparison.Ordinal)),
        ];

    private static long AnonymousKib(int pid)
    {
        var line = File.ReadLines(Text($"/proc/{pid}/status"))
            .First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line["RssAnon:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
