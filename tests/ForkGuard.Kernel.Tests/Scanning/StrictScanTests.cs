using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Scanning;

/// <summary>Mode 2: only processes that decide are looked at closer.</summary>
public sealed class StrictScanTests : IDisposable
{
    private static readonly ScanLevels Levels = new(10, 70);

    // Allowed: 2 GiB less 8 MiB for root.
    private const ulong MebibyteInPages = 256;

    private readonly CapturedProc _captured = new(mode: 2, committedKilobytes: 1 << 20);
    private readonly List<ProcessReading> _found = [];
    private readonly ProcessScanner _scanner;
    private DateTimeOffset _now = CapturedProc.Noon;

    public StrictScanTests() => _scanner = new ProcessScanner(_captured.Root, maxHeld: 1000);

    public void Dispose()
    {
        _scanner.Dispose();
        _captured.Dispose();
    }

    [Fact]
    public void On_a_node_below_the_level_only_who_could_reach_it_is_read()
    {
        AddSmall(150);
        Add(7, 800 * MebibyteInPages);

        Assert.Equal((2, 1), Scan());
        Assert.Equal(151, _found.Count);
        Assert.All(_found.Where(r => r.Pid != 7), r => Assert.Equal(ReadingSource.Statm, r.Source));
        Assert.Equal((ReadingSource.Smaps, 90), (_found[0].Source, _found[0].Assessment.Percent));
    }

    [Fact]
    public void On_a_node_above_the_level_only_who_could_be_refused_or_holds_a_large_part_is_read()
    {
        Commit(1800 << 10);
        AddSmall(150);
        Add(7, 300 * MebibyteInPages);

        Assert.Equal((2, 1), Scan());
        Assert.Equal(Verdict.CannotFork, _found[0].Assessment.Verdict);
    }

    [Fact]
    public void A_process_that_churns_a_few_mappings_is_not_read_again_and_the_doubt_is_its_error()
    {
        Add(7, 800 * MebibyteInPages);
        Scan();
        for (var i = 1UL; i < 20; i++)
        {
            Add(7, 800 * MebibyteInPages, new CapturedArea((1 << 26) + (i * 100), i, "wr ac"));

            Assert.Equal((1, 0), Scan());
            var reading = Assert.Single(_found);
            Assert.Equal(((800 * MebibyteInPages) + i) << 12, reading.Assessment.Own);
            Assert.Equal((16UL << 20) + (i << 12), reading.Assessment.Error);
            Assert.False(reading.Assessment.IsBound);
        }
    }

    [Fact]
    public void A_large_new_mapping_is_read()
    {
        Add(7, 800 * MebibyteInPages);
        Scan();
        Add(7, 800 * MebibyteInPages, new CapturedArea(1 << 26, 100 * MebibyteInPages, "wr ac"));

        Assert.Equal((2, 1), Scan());
        Assert.Equal(900 * MebibyteInPages << 12, Assert.Single(_found).Assessment.Own);
    }

    [Fact]
    public void Only_new_mappings_are_uncertain_while_smaps_is_not_read_again()
    {
        Add(7, 800 * MebibyteInPages);
        Scan();
        Add(7, 800 * MebibyteInPages, new CapturedArea(1 << 26, 50 * MebibyteInPages, "wr ac"));
        Scan(seconds: 1);
        Add(7, 800 * MebibyteInPages, new CapturedArea((1 << 26) + 1, 60 * MebibyteInPages, "wr ac"));

        Assert.Equal((1, 0), Scan(seconds: 1));
        var reading = Assert.Single(_found);
        Assert.Equal((860UL << 20, true), (reading.Assessment.Own, reading.Assessment.IsBound));
        Assert.Equal((16UL + 60) << 20, reading.Assessment.Error);
    }

    [Fact]
    public void A_reservation_that_was_looked_up_is_not_read_again()
    {
        for (var pid = 7; pid < 12; pid++)
        {
            Add(pid, 100 * MebibyteInPages, new CapturedArea(1 << 26, 4096 * MebibyteInPages, "sh", "---p"));
        }

        Assert.Equal((10, 5), Scan());
        Assert.Equal((0, 0), Scan());
        Assert.All(_found, r => Assert.Equal(100 * MebibyteInPages << 12, r.Assessment.Own));
    }

    private void AddSmall(int count)
    {
        for (var pid = 100; pid < 100 + count; pid++)
        {
            Add(pid, 10 * MebibyteInPages);
        }
    }

    private void Add(int pid, ulong pages, CapturedArea? more = null)
    {
        CapturedArea area = new(1 << 24, pages, "wr ac");
        _captured.AddProcess(pid, new CapturedProcess { Areas = more is null ? [area] : [area, more] });
    }

    private void Commit(ulong kilobytes) =>
        _captured.WriteSystem(
            "meminfo",
            $"MemTotal: {4 << 20} kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nCommitLimit: {2 << 20} kB\nCommitted_AS: {kilobytes} kB\n"
        );

    private (int Maps, int Smaps) Scan(int seconds = 15)
    {
        _found.Clear();
        _now += TimeSpan.FromSeconds(seconds);
        var statistics = _scanner.Scan(_captured.State, OvercommitMode.Strict, Levels, _now, _found);
        return (statistics.MapsReads, statistics.SmapsReads);
    }
}
