using ForkGuard.Kernel.Checks;

namespace ForkGuard.Kernel.Tests.Checks;

public class CgroupTurnsTests
{
    private const int Seconds = 15;

    private readonly CgroupTurns _turns = new();
    private readonly SortedDictionary<int, ProcessFacts> _facts = [];
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(16)]
    public void Each_process_has_its_turn_within_a_minute(int processes)
    {
        Add(Enumerable.Range(1, processes));
        Scan(scans: 10);
        for (var minute = 0; minute < 5; minute++)
        {
            Assert.Equal(Enumerable.Range(1, processes), Scan(scans: 60 / Seconds).Distinct().Order());
        }
    }

    [Fact]
    public void A_scan_reads_4_at_most_and_all_have_their_turn()
    {
        Add(Enumerable.Range(1, 250));
        Scan(scans: 10);

        Assert.Equal(250, Scan(scans: 63).Distinct().Count());
        Assert.Equal(4, Scan(scans: 1).Count);
    }

    [Fact]
    public void Processes_that_come_and_go_take_no_turn_from_another_one()
    {
        Add(Enumerable.Range(1000, 10));
        var had = new HashSet<int>();
        for (var scan = 0; scan < 8; scan++)
        {
            Add(Enumerable.Range(100 + (scan * 10), 10));
            had.UnionWith(Scan(scans: 1));
            Remove(Enumerable.Range(100 + (scan * 10), 10));
        }

        Assert.Equal(Enumerable.Range(1000, 10), had.Order());
    }

    [Fact]
    public void A_clock_that_was_set_back_stops_no_turns()
    {
        Add([1, 2, 3]);
        _now -= TimeSpan.FromDays(1);

        Assert.Equal([1, 2, 3], Scan(scans: 1));
    }

    private void Add(IEnumerable<int> pids)
    {
        foreach (var pid in pids)
        {
            _facts.Add(pid, new ProcessFacts { Pid = pid, CgroupsTime = _now });
        }
    }

    private void Remove(IEnumerable<int> pids)
    {
        foreach (var pid in pids)
        {
            _facts.Remove(pid);
        }
    }

    private List<int> Scan(int scans)
    {
        List<int> had = [];
        for (var i = 0; i < scans; i++)
        {
            _now += TimeSpan.FromSeconds(Seconds);
            _turns.Begin(_now);
            foreach (var facts in _facts.Values.Where(_turns.Take))
            {
                facts.CgroupsTime = _now;
                had.Add(facts.Pid);
            }
        }

        return had;
    }
}
