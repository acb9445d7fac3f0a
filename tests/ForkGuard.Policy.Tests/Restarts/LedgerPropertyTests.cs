using CsCheck;
using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>One ledger, whatever happens to its owners in whatever order.</summary>
public class LedgerPropertyTests
{
    private const int Iterations = 5000;

    private enum Change
    {
        Decided,
        Accepted,
        Helped,
        DidNotHelp,
        Withdrawn,
        DryRun,
        Pruned,
    }

    private static readonly Gen<List<(Change Change, int Owner, int Pause)>> Histories = Gen.Select(
        Gen.Enum<Change>(),
        Gen.Int[0, 3],
        Gen.OneOf(0, 1, 60, 3600, 50_000, 86_400)
    ).List[1, 60];

    [Fact]
    public void An_entry_under_way_is_never_lost_and_no_restart_is_counted_twice() =>
        Histories.Sample(
            history =>
            {
                var play = new Play();
                foreach (var (change, owner, pause) in history)
                {
                    play.Make(change, owner, pause);
                }
            },
            iter: Iterations,
            print: history => string.Join(", ", history)
        );

    /// <summary>Makes changes as a controller does, beside a model of its own.</summary>
    private sealed class Play
    {
        private readonly Dictionary<int, RestartIntent> _underWay = [];
        private readonly Dictionary<int, List<DateTimeOffset>> _accepted = [];
        private readonly Dictionary<int, List<DateTimeOffset>> _failed = [];
        private IReadOnlyList<OwnerRecord> _ledger = [];
        private int _second;

        public void Make(Change change, int owner, int pause)
        {
            _second += pause;
            var before = _ledger;
            var copy = before.ToList();
            if (Apply(change, owner, Given.At(_second)) is not { } after)
            {
                return;
            }

            _ledger = after;
            Assert.Equal(copy, before);
            Assert.Equal(after.Count, after.Select(record => record.Name).Distinct(StringComparer.Ordinal).Count());
            if (change != Change.Pruned)
            {
                Assert.Equal(Others(before, owner), Others(after, owner));
            }

            for (var other = 0; other <= 3; other++)
            {
                Check(other, Given.At(_second));
            }
        }

        private IReadOnlyList<OwnerRecord>? Apply(Change change, int owner, DateTimeOffset now)
        {
            var record = OwnerLedger.Find(_ledger, OwnerOf(owner));
            var isDecided = record?.Restart is { AcceptedTime: null };
            var isAccepted = record?.Restart is { AcceptedTime: not null };
            switch (change)
            {
                case Change.Decided when !isAccepted:
                    _underWay[owner] = GivenRestart.Intent(_second);
                    return OwnerLedger.Decided(_ledger, OwnerOf(owner), _underWay[owner]);
                case Change.Accepted when isDecided:
                    _underWay[owner] = _underWay[owner] with { AcceptedTime = now };
                    Note(_accepted, owner, now);
                    return OwnerLedger.Accepted(_ledger, record!, now);
                case Change.Helped or Change.DidNotHelp when isAccepted:
                    _underWay.Remove(owner);
                    if (change == Change.DidNotHelp)
                    {
                        Note(_failed, owner, now);
                    }

                    return OwnerLedger.Over(_ledger, record!, change == Change.Helped, now);
                case Change.Withdrawn when isDecided:
                    _underWay.Remove(owner);
                    return OwnerLedger.Withdrawn(_ledger, record!);
                case Change.DryRun:
                    return OwnerLedger.DryRun(_ledger, OwnerOf(owner), now);
                case Change.Pruned:
                    return OwnerLedger.Pruned(_ledger, TimeSpan.FromHours(1), now);
                default:
                    return null;
            }
        }

        private void Check(int owner, DateTimeOffset now)
        {
            var record = OwnerLedger.Find(_ledger, OwnerOf(owner));
            Assert.Equal(_underWay.GetValueOrDefault(owner), record?.Restart);
            var lately = _accepted
                .GetValueOrDefault(owner, [])
                .Where(time => now - time < TimeSpan.FromDays(1))
                .ToList();
            if (lately.Count > 0)
            {
                Assert.Equal(lately[^1], record?.LastRestartTime);
            }

            Assert.Equal(lately, record?.RestartTimes?.Where(time => now - time < TimeSpan.FromDays(1)) ?? []);
            var failed = _failed.GetValueOrDefault(owner, []).Count(time => now - time < TimeSpan.FromDays(1));
            Assert.Equal(failed, record is null ? 0 : OwnerLedger.Ineffective(record, now));
        }

        private static void Note(Dictionary<int, List<DateTimeOffset>> times, int owner, DateTimeOffset now)
        {
            times.TryAdd(owner, []);
            times[owner].Add(now);
        }

        private static OwnerFacts OwnerOf(int owner) => GivenRestart.OwnerOf($"owner-{owner}");

        private static IEnumerable<OwnerRecord> Others(IReadOnlyList<OwnerRecord> ledger, int owner) =>
            ledger.Where(record => !string.Equals(record.Name, $"owner-{owner}", StringComparison.Ordinal));
    }
}
