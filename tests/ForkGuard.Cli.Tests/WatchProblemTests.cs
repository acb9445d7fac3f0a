using System.Text.Json.Nodes;
using ForkGuard.Cli.Watching;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>Lines about scans that cannot evaluate the machine, and about the first one that can.</summary>
public sealed class WatchProblemTests : IDisposable
{
    private readonly CapturedProc _captured = CapturedProc.Of(Environment.ProcessId);
    private readonly StringWriter _text = new() { NewLine = "\n" };
    private readonly WatchSession _session;

    public WatchProblemTests()
    {
        var proc = new ProcRoot(_captured.Root);
        _session = new WatchSession(
            proc,
            new KernelStateReader(proc),
            [],
            TimeSpan.FromSeconds(5),
            ScanBudget.Unlimited
        );
    }

    public void Dispose()
    {
        _session.Dispose();
        _captured.Dispose();
        _text.Dispose();
    }

    [Theory]
    [InlineData(true, "<5>evaluates again")]
    [InlineData(false, "evaluates again")]
    public void The_end_of_a_problem_is_one_line(bool isJournal, string expected)
    {
        var lines = Show(new PlainWatchOutput(_text, columns: 200, isJournal), "oxoxxoo");
        Assert.Equal(2, lines.Count(line => line == expected));
        Assert.Equal(
            ["first", "cannot", "evaluates", "cannot", "evaluates"],
            lines.Select(line => line.TrimStart('<', '3', '5', '>').Split(' ')[0]),
            StringComparer.Ordinal
        );
    }

    [Fact]
    public void The_end_of_a_problem_is_one_object()
    {
        var lines = Show(new JsonWatchOutput(_text), "xoo").Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(
            ["Problem", "ProblemEnded", "Scan"],
            lines.Select(line => (string)line["type"]!),
            StringComparer.Ordinal
        );
        Assert.NotEmpty((string)lines[0]["message"]!);
        Assert.Equal((string)lines[0]["message"]!, (string)lines[1]["message"]!, StringComparer.Ordinal);
    }

    /// <summary>Shows a scan for each letter: o for one that evaluates, x for one that cannot.</summary>
    private string[] Show(IWatchOutput output, string scans)
    {
        var file = Path.Combine(_captured.Root, "meminfo");
        var memory = File.ReadAllText(file);
        foreach (var scan in scans)
        {
            File.WriteAllText(file, scan == 'o' ? memory : "");
            var outcome = _session.Scan(DateTimeOffset.UnixEpoch, CancellationToken.None);
            Assert.Equal(scan == 'x', outcome.Problem is not null);
            output.Show(outcome, _session);
        }

        return _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
