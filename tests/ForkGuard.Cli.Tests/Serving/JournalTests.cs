using ForkGuard.Cli.Watching;

namespace ForkGuard.Cli.Tests.Serving;

/// <summary>The lines of a watch in the journal.</summary>
public sealed class JournalTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("ForkImpossible", "<3>")]
    [InlineData("ForkRefused", "<3>")]
    [InlineData("ForkAtRisk", "<4>")]
    [InlineData("ForkSnapshotAtRisk", "<4>")]
    [InlineData("ForkNearLimit", "<5>")]
    [InlineData("ForkRecovered", "<5>")]
    public void An_event_has_the_priority_of_its_urgency(string type, string priority)
    {
        Assert.Matches($@"^{priority}\d\d:00:00 {type} cause$", LineOf(type, isJournal: true));
        Assert.Matches($@"^\d\d:00:00 {type} cause$", LineOf(type, isJournal: false));
    }

    // With a problem nothing else of the scan is shown.
    private static string LineOf(string type, bool isJournal)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var outcome = new ScanOutcome
        {
            Time = Now,
            Events = [new WatchEvent(Now, type, "cause")],
            Problem = "none",
        };
        new PlainWatchOutput(text, columns: 80, isJournal).Show(outcome, session: null!);
        return text.ToString().Split('\n')[1];
    }
}
