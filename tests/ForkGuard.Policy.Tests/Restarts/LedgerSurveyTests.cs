using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

public class LedgerSurveyTests
{
    [Fact]
    public void Of_empty_ledgers_nothing_is_known()
    {
        Assert.Equal(new LedgerFacts(), GivenRestart.Survey([]));
        Assert.Equal(new LedgerFacts(), GivenRestart.Survey([GivenRestart.Page(GivenRestart.Watch)]));
    }

    [Fact]
    public void Two_watches_share_the_cooldown_of_an_owner()
    {
        var facts = GivenRestart.Survey([
            GivenRestart.Page(GivenRestart.Watch, GivenRestart.Restarted(-3000), GivenRestart.Restarted(-1, "other")),
            GivenRestart.Page(GivenRestart.OtherWatch, GivenRestart.Restarted(-1800)),
        ]);

        Assert.Equal((Given.At(-1800), GivenRestart.OtherWatch), (facts.LastRestart, facts.LastRestartBy));
        Assert.False(facts.LastRestartWasDry);
    }

    [Fact]
    public void Two_watches_share_what_did_not_help()
    {
        var twice = GivenRestart.Restarted(-3000) with { IneffectiveTimes = [Given.At(-2000), Given.At(-1000)] };
        var yesterday = GivenRestart.Restarted(-90_000) with { IneffectiveTimes = [Given.At(-86_400)] };

        Assert.Equal(
            3,
            GivenRestart
                .Survey([
                    GivenRestart.Page(GivenRestart.Watch, twice),
                    GivenRestart.Page(GivenRestart.OtherWatch, twice with { IneffectiveTimes = [Given.At(-86_399)] }),
                    GivenRestart.Page("ForkWatch shop/old", yesterday),
                ])
                .Ineffective
        );
    }

    [Fact]
    public void What_was_decided_for_this_pod_does_not_count_against_itself() =>
        Assert.Equal(
            new LedgerFacts(),
            GivenRestart.Survey([GivenRestart.Page(GivenRestart.Watch, GivenRestart.Decided(-60))])
        );

    [Fact]
    public void A_decision_that_does_not_count_hides_no_restart_before_it()
    {
        var record = GivenRestart.Restarted(-300) with { Restart = GivenRestart.Intent(-60) };

        var facts = GivenRestart.Survey([GivenRestart.Page(GivenRestart.Watch, record)]);

        Assert.Equal((Given.At(-300), 1, 0), (facts.LastRestart, facts.StartedLately, facts.OpenOfOwner));
    }

    [Fact]
    public void What_another_watch_decided_for_this_pod_counts_so_that_one_restart_stands_in_one_ledger()
    {
        var facts = GivenRestart.Survey([
            GivenRestart.Page(GivenRestart.Watch),
            GivenRestart.Page(GivenRestart.OtherWatch, GivenRestart.Decided(-60)),
        ]);

        Assert.Equal((Given.At(-60), GivenRestart.OtherWatch), (facts.LastRestart, facts.LastRestartBy));
        Assert.Equal((1, 0, 1), (facts.OpenOfOwner, facts.OpenOfWatch, facts.OpenOnNode));
    }

    [Fact]
    public void What_was_decided_for_another_pod_of_the_owner_counts()
    {
        var facts = GivenRestart.Survey([
            GivenRestart.Page(GivenRestart.Watch, GivenRestart.Decided(-60, podUid: "uid-2")),
        ]);

        Assert.Equal(Given.At(-60), facts.LastRestart);
        Assert.Equal((1, 1, 1, 1), (facts.OpenOfOwner, facts.OpenOfWatch, facts.OpenOnNode, facts.StartedLately));
    }

    [Fact]
    public void What_was_accepted_for_this_pod_counts()
    {
        var facts = GivenRestart.Survey([
            GivenRestart.Page(GivenRestart.Watch, GivenRestart.UnderWay(-60, GivenRestart.PodUid)),
        ]);

        Assert.Equal(Given.At(-60), facts.LastRestart);
        Assert.Equal((1, 1, 1, 1), (facts.OpenOfOwner, facts.OpenOfWatch, facts.OpenOnNode, facts.StartedLately));
    }

    [Fact]
    public void Restarts_under_way_are_counted_by_owner_watch_and_node()
    {
        var facts = GivenRestart.Survey([
            GivenRestart.Page(
                GivenRestart.Watch,
                GivenRestart.UnderWay(-900, "uid-2", "a"),
                GivenRestart.UnderWay(-900, "uid-3", "b", "node-b"),
                GivenRestart.Restarted(-900, "c")
            ),
            GivenRestart.Page(
                GivenRestart.OtherWatch,
                GivenRestart.UnderWay(-900, "uid-4", "d"),
                GivenRestart.UnderWay(-900, "uid-5", "e"),
                GivenRestart.UnderWay(-900, "uid-6", node: "node-c")
            ),
        ]);

        Assert.Equal((1, 2, 3), (facts.OpenOfOwner, facts.OpenOfWatch, facts.OpenOnNode));
    }

    [Fact]
    public void Restarts_of_all_watches_were_started_lately_for_ten_minutes()
    {
        var facts = GivenRestart.Survey([
            GivenRestart.Page(
                GivenRestart.Watch,
                GivenRestart.Restarted(-599, "a"),
                GivenRestart.Restarted(-600, "b"),
                GivenRestart.Restarted(-60, "twice") with
                {
                    RestartTimes = [Given.At(-700), Given.At(-120), Given.At(-60)],
                },
                GivenRestart.Entry("told") with
                {
                    LastDryRunTime = Given.At(-1),
                }
            ),
            GivenRestart.Page(
                GivenRestart.OtherWatch,
                GivenRestart.UnderWay(-5, "uid-2", "c"),
                GivenRestart.Decided(-5, "uid-3", "d"),
                GivenRestart.Restarted(10, "of the future")
            ),
        ]);

        Assert.Equal(6, facts.StartedLately);
    }

    [Fact]
    public void A_dry_run_hinders_no_real_restart()
    {
        LedgerPage[] pages =
        [
            GivenRestart.Page(GivenRestart.OtherWatch, GivenRestart.Entry() with { LastDryRunTime = Given.At(-60) }),
        ];

        Assert.Equal(new LedgerFacts(), GivenRestart.Survey(pages));
    }

    [Fact]
    public void A_dry_run_keeps_the_rate_of_a_real_restart()
    {
        var record = GivenRestart.Restarted(-3000) with { LastDryRunTime = Given.At(-60) };
        LedgerPage[] pages = [GivenRestart.Page(GivenRestart.OtherWatch, record)];

        var dry = GivenRestart.Survey(pages, dryRun: true);
        var real = GivenRestart.Survey(pages, dryRun: false);

        Assert.Equal((Given.At(-60), true), (dry.LastRestart, dry.LastRestartWasDry));
        Assert.Equal((Given.At(-3000), false), (real.LastRestart, real.LastRestartWasDry));
    }

    [Fact]
    public void A_real_restart_hinders_a_dry_run()
    {
        var record = GivenRestart.Restarted(-60) with { LastDryRunTime = Given.At(-3000) };

        var facts = GivenRestart.Survey([GivenRestart.Page(GivenRestart.OtherWatch, record)], dryRun: true);

        Assert.Equal((Given.At(-60), false), (facts.LastRestart, facts.LastRestartWasDry));
    }

    [Fact]
    public void Only_the_ledger_of_the_watch_itself_can_be_full()
    {
        var full = Enumerable.Range(1, 100).Select(i => GivenRestart.Restarted(-9000, $"o{i}")).ToArray();

        Assert.True(GivenRestart.Survey([GivenRestart.Page(GivenRestart.Watch, full)]).IsFull);
        Assert.False(GivenRestart.Survey([GivenRestart.Page(GivenRestart.OtherWatch, full)]).IsFull);
        Assert.False(
            GivenRestart.Survey([GivenRestart.Page(GivenRestart.Watch, [.. full[1..], GivenRestart.Entry()])]).IsFull
        );
    }

    [Fact]
    public void A_pod_without_an_owner_has_the_budgets_and_no_past()
    {
        LedgerPage[] pages = [GivenRestart.Page(GivenRestart.Watch, GivenRestart.UnderWay(-60))];

        var facts = LedgerSurvey.Of(
            pages,
            GivenRestart.Watch,
            owner: null,
            "uid-9",
            GivenRestart.Node,
            dryRun: false,
            Given.Start
        );

        Assert.Equal(
            new LedgerFacts
            {
                OpenOfWatch = 1,
                OpenOnNode = 1,
                StartedLately = 1,
            },
            facts
        );
    }
}
