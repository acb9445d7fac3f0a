using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

public class OwnerLedgerTests
{
    private const int Day = 86_400;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void An_entry_is_found_by_kind_namespace_and_name()
    {
        OwnerRecord[] ledger = [GivenRestart.Entry("a"), GivenRestart.Entry()];

        Assert.Same(ledger[1], OwnerLedger.Find(ledger, GivenRestart.Owner));
        Assert.Null(OwnerLedger.Find(ledger, GivenRestart.Owner with { Kind = "StatefulSet" }));
        Assert.Null(OwnerLedger.Find(ledger, GivenRestart.Owner with { Namespace = "test" }));
        Assert.Null(OwnerLedger.Find(ledger, GivenRestart.Owner with { Name = "Redis" }));
    }

    [Fact]
    public void A_restart_is_written_when_it_is_decided_accepted_and_over()
    {
        var intent = GivenRestart.Intent(0);
        var decided = OwnerLedger.Decided([], GivenRestart.Owner, intent);
        var accepted = OwnerLedger.Accepted(decided, decided[0], Given.At(1));
        var over = OwnerLedger.Over(accepted, accepted[0], helped: true, Given.At(60));

        Assert.Equal([GivenRestart.Entry() with { Restart = intent }], decided);
        Assert.Equivalent(
            new[] { GivenRestart.Restarted(1) with { Restart = intent with { AcceptedTime = Given.At(1) } } },
            accepted,
            strict: true
        );
        Assert.Equivalent(new[] { GivenRestart.Restarted(1) }, over, strict: true);
    }

    [Fact]
    public void A_decision_keeps_what_was_there_before()
    {
        var before = GivenRestart.Restarted(-7200) with
        {
            IneffectiveTimes = [Given.At(-6300)],
            LastDryRunTime = Given.At(-9000),
        };

        Assert.Equal(
            [before with { Restart = GivenRestart.Intent(0) }],
            OwnerLedger.Decided([before], GivenRestart.Owner, GivenRestart.Intent(0))
        );
    }

    [Fact]
    public void Restarts_that_did_not_help_are_counted()
    {
        var first = OwnerLedger.Over([], GivenRestart.UnderWay(0), helped: false, Given.At(900));
        var second = OwnerLedger.Over(first, first[0], helped: false, Given.At(1800));
        var third = OwnerLedger.Over(second, second[0], helped: true, Given.At(2700));

        Assert.Equal(
            [1, 2, 2],
            new[] { first, second, third }.Select(ledger => OwnerLedger.Ineffective(ledger[0], Given.At(2700)))
        );
    }

    [Fact]
    public void Each_count_ends_a_day_after_what_it_counts()
    {
        var record = GivenRestart.Restarted(3600) with
        {
            RestartTimes = [Given.At(0), Given.At(3600)],
            IneffectiveTimes = [Given.At(900), Given.At(4500)],
        };
        var again = OwnerLedger.Decided([record], GivenRestart.Owner, GivenRestart.Intent(Day));

        var accepted = OwnerLedger.Accepted(again, again[0], Given.At(Day + 900))[0];

        Assert.Equal([Given.At(3600), Given.At(Day + 900)], accepted.RestartTimes!);
        Assert.Equal([Given.At(4500)], accepted.IneffectiveTimes!);
        Assert.Equal(
            [2, 1, 1, 0],
            new[] { Day + 899, Day + 900, Day + 4499, Day + 4500 }.Select(second =>
                OwnerLedger.Ineffective(record, Given.At(second))
            )
        );
    }

    [Fact]
    public void Of_many_restarts_the_newest_are_kept()
    {
        var record = GivenRestart.Decided(0) with
        {
            RestartTimes = [.. Enumerable.Range(0, 100).Select(i => Given.At(i))],
        };

        var times = OwnerLedger.Accepted([record], record, Given.At(200))[0].RestartTimes!;

        Assert.Equal((100, Given.At(1), Given.At(200)), (times.Count, times[0], times[^1]));
    }

    [Fact]
    public void A_withdrawn_restart_leaves_no_trace()
    {
        var before = GivenRestart.Restarted(-7200);
        var decided = OwnerLedger.Decided([before], GivenRestart.Owner, GivenRestart.Intent(0));
        var decidedFirst = OwnerLedger.Decided([], GivenRestart.Owner, GivenRestart.Intent(0));
        var told = OwnerLedger.DryRun(decidedFirst, GivenRestart.Owner, Given.At(1));

        Assert.Equal([before], OwnerLedger.Withdrawn(decided, decided[0]));
        Assert.Empty(OwnerLedger.Withdrawn(decidedFirst, decidedFirst[0]));
        Assert.Equal(
            [GivenRestart.Entry() with { LastDryRunTime = Given.At(1) }],
            OwnerLedger.Withdrawn(told, told[0])
        );
    }

    [Fact]
    public void A_dry_run_is_no_restart()
    {
        var record = GivenRestart.UnderWay(0);

        Assert.Equal(
            [record with { LastDryRunTime = Given.At(60) }],
            OwnerLedger.DryRun([record], GivenRestart.Owner, Given.At(60))
        );
    }

    [Fact]
    public void An_entry_is_kept_while_what_did_not_help_counts()
    {
        OwnerRecord[] ledger = [GivenRestart.Restarted(0) with { IneffectiveTimes = [Given.At(900)] }];

        Assert.Single(OwnerLedger.Pruned(ledger, Hour, Given.At(Day + 899)));
        Assert.Empty(OwnerLedger.Pruned(ledger, Hour, Given.At(Day + 900)));
    }

    [Theory]
    [InlineData(Day - 1, 3600, true)]
    [InlineData(Day, 3600, false)]
    [InlineData(Day, 2 * Day, true)]
    [InlineData((2 * Day) - 1, 2 * Day, true)]
    [InlineData(2 * Day, 2 * Day, false)]
    public void An_entry_is_kept_for_a_day_and_for_the_cooldown(int age, int cooldown, bool kept)
    {
        var span = TimeSpan.FromSeconds(cooldown);
        var told = GivenRestart.Entry("told") with { LastDryRunTime = Given.At(0) };

        Assert.Equal(kept ? 1 : 0, OwnerLedger.Pruned([GivenRestart.Restarted(0)], span, Given.At(age)).Count);
        Assert.Equal(kept ? 1 : 0, OwnerLedger.Pruned([told], span, Given.At(age)).Count);
    }

    [Fact]
    public void The_later_of_a_restart_and_a_dry_run_keeps_an_entry()
    {
        var restarted = GivenRestart.Restarted(Day) with { LastDryRunTime = Given.At(0) };
        var told = GivenRestart.Restarted(0, "told") with { LastDryRunTime = Given.At(Day) };

        Assert.Equal([restarted, told], OwnerLedger.Pruned([restarted, told], Hour, Given.At(Day + 60)));
    }

    [Fact]
    public void A_restart_under_way_is_kept_however_old_it_is()
    {
        OwnerRecord[] ledger = [GivenRestart.UnderWay(0), GivenRestart.Decided(0, name: "decided")];

        Assert.Equal(ledger, OwnerLedger.Pruned(ledger, Hour, Given.At(30 * Day)));
    }

    [Fact]
    public void An_entry_of_the_future_is_kept_since_the_clock_was_set_back() =>
        Assert.Single(OwnerLedger.Pruned([GivenRestart.Restarted(60)], Hour, Given.Start));

    [Fact]
    public void A_ledger_is_full_for_an_owner_that_has_no_entry_in_it()
    {
        OwnerRecord[] ledger = [.. Enumerable.Range(1, 99).Select(i => GivenRestart.Restarted(0, $"o{i}"))];
        OwnerRecord[] full = [.. ledger, GivenRestart.Restarted(0, "o100")];

        Assert.False(OwnerLedger.IsFull(ledger, GivenRestart.Owner));
        Assert.True(OwnerLedger.IsFull(full, GivenRestart.Owner));
        Assert.False(OwnerLedger.IsFull(full, GivenRestart.OwnerOf("o100")));
    }
}
