using CsCheck;
using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>Several watches over the same owners, each with a cooldown of its own, and budgets that hinder nothing.</summary>
public class CooldownPropertyTests
{
    private static readonly TimeSpan[] Cooldowns =
    [
        TimeSpan.FromMinutes(1),
        TimeSpan.FromHours(1),
        TimeSpan.FromDays(3),
    ];

    private enum Outcome
    {
        Accepted,
        Blocked,

        /// <summary>The API server did it, and the answer was lost.</summary>
        AnswerLost,

        /// <summary>The API server never saw it, and that is not known either.</summary>
        CallLost,
    }

    private static readonly Gen<List<Step>> Histories = Gen.Select(
        Gen.Int[0, Cooldowns.Length - 1],
        Gen.Int[0, 1],
        Gen.Int[0, 1],
        Gen.OneOf(0, 1, 30, 60, 1800, 3600, 86_400, 100_000),
        Gen.Enum<Outcome>(),
        Gen.Frequency((4, false), (1, true)),
        (watch, owner, pod, pause, outcome, dryRun) => new Step(watch, owner, pod, pause, outcome, dryRun)
    ).List[1, 40];

    [Fact]
    public void No_owner_is_restarted_twice_within_the_cooldown_whatever_the_watches_decide() =>
        Histories.Sample(
            history =>
            {
                foreach (var restart in Play.All(history))
                {
                    Assert.All(
                        restart.Before,
                        earlier => Assert.True(restart.Time - earlier >= restart.Cooldown, $"{restart}")
                    );
                }
            },
            iter: 5000,
            print: history => string.Join('\n', history)
        );

    [Fact]
    public void The_histories_restart_owners_again_after_the_cooldown_so_the_property_is_not_empty()
    {
        var again = 0;
        Histories.Sample(
            history => again += Play.All(history).Count(restart => restart.Before.Count > 0),
            iter: 500,
            threads: 1
        );

        Assert.True(again > 500, $"{again} restarts after another one");
    }

    private sealed record Step(int Watch, int Owner, int Pod, int Pause, Outcome Outcome, bool DryRun);

    /// <summary>What really happened to an owner: when, under which cooldown, and when before.</summary>
    private sealed record Restart(DateTimeOffset Time, TimeSpan Cooldown, IReadOnlyList<DateTimeOffset> Before);

    /// <summary>Decides as a controller does, and sees undecided and accepted restarts through before the next decision of the watch.</summary>
    private sealed class Play
    {
        private readonly IReadOnlyList<OwnerRecord>[] _ledgers =
        [
            [],
            [],
            [],
        ];
        private readonly Dictionary<string, int> _replaced = new(StringComparer.Ordinal);
        private readonly Dictionary<string, List<DateTimeOffset>> _restarts = new(StringComparer.Ordinal);
        private readonly List<Restart> _all = [];
        private int _second;

        public static List<Restart> All(IEnumerable<Step> history)
        {
            var play = new Play();
            foreach (var step in history)
            {
                play.Make(step);
            }

            return play._all;
        }

        private void Make(Step step)
        {
            _second += step.Pause;
            Follow(step.Watch);
            var now = Given.At(_second);
            var owner = GivenRestart.OwnerOf($"owner-{step.Owner}");
            var slot = $"{owner.Name}/{step.Pod}";
            var uid = UidOf(slot);
            var policy = GivenRestart.Policy with { Cooldown = Cooldowns[step.Watch], MaxConcurrent = 100 };
            if (RestartGates.Vetoes(policy, FactsOf(step, owner, uid, now), new RestartBudget(100, 100), now).Count > 0)
            {
                return;
            }

            if (step.DryRun)
            {
                _ledgers[step.Watch] = OwnerLedger.DryRun(_ledgers[step.Watch], owner, now);
                return;
            }

            var pruned = OwnerLedger.Pruned(_ledgers[step.Watch], Cooldowns.Max(), now);
            var decided = OwnerLedger.Decided(pruned, owner, GivenRestart.Intent(_second, uid, $"node-{step.Pod}"));
            var record = OwnerLedger.Find(decided, owner)!;
            AssertNoOtherIsUnderWay(step.Watch, owner, uid);
            _ledgers[step.Watch] = step.Outcome switch
            {
                Outcome.Accepted => OwnerLedger.Accepted(decided, record, now),
                Outcome.Blocked => OwnerLedger.Withdrawn(decided, record),
                _ => decided,
            };
            if (step.Outcome is Outcome.Accepted or Outcome.AnswerLost)
            {
                _restarts.TryAdd(owner.Name, []);
                _all.Add(new Restart(now, policy.Cooldown, [.. _restarts[owner.Name]]));
                _restarts[owner.Name].Add(now);
                _replaced[slot] = _replaced.GetValueOrDefault(slot) + 1;
            }
        }

        private void AssertNoOtherIsUnderWay(int watch, OwnerFacts owner, string uid)
        {
            for (var i = 0; i < _ledgers.Length; i++)
            {
                if (OwnerLedger.Find(_ledgers[i], owner)?.Restart is { } open)
                {
                    Assert.Equal((watch, null, uid), (i, open.AcceptedTime, open.Pod.Uid));
                }
            }
        }

        private RestartFacts FactsOf(Step step, OwnerFacts owner, string uid, DateTimeOffset now)
        {
            var node = $"node-{step.Pod}";
            var pages = _ledgers.Select((ledger, watch) => new LedgerPage($"watch-{watch}", ledger)).ToList();
            return GivenRestart.Facts with
            {
                Report = new ReportFacts(uid, node, now, Given.Scan),
                Pod = GivenRestart.Pod with { Uid = uid, Node = node, Owner = owner },
                Ledger = LedgerSurvey.Of(pages, $"watch-{step.Watch}", owner, uid, node, step.DryRun, now),
            };
        }

        // A restart is over after a minute; one without an answer is taken for done if its pod is gone, and after ten
        // minutes it is withdrawn.
        private void Follow(int watch)
        {
            foreach (var record in _ledgers[watch].Where(record => record.Restart is not null).ToList())
            {
                var restart = record.Restart!;
                var now = Given.At(_second);
                if (restart.AcceptedTime is { } accepted)
                {
                    if (now - accepted >= TimeSpan.FromMinutes(1))
                    {
                        _ledgers[watch] = OwnerLedger.Over(_ledgers[watch], record, helped: true, now);
                    }
                }
                else if (!IsThere(restart.Pod.Uid!))
                {
                    _ledgers[watch] = OwnerLedger.Accepted(_ledgers[watch], record, now);
                }
                else if (now - restart.Time >= TimeSpan.FromMinutes(10))
                {
                    _ledgers[watch] = OwnerLedger.Withdrawn(_ledgers[watch], record);
                }
            }
        }

        private string UidOf(string slot) => $"{slot}#{_replaced.GetValueOrDefault(slot)}";

        private bool IsThere(string uid) => string.Equals(UidOf(uid.Split('#')[0]), uid, StringComparison.Ordinal);
    }
}
