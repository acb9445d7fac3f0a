using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Scanning;

/// <summary>How often the files that stop a process are read while it changes.</summary>
public sealed class SmapsCacheTests : IDisposable
{
    private const ulong Limit = 1 << 20;
    private const ulong First = 1 << 24;

    private static readonly ScanLevels Levels = new(10, 60);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly CapturedProc _captured = new();
    private readonly ProcessScanner _scanner;
    private readonly List<ProcessReading> _found = [];
    private DateTimeOffset _now = CapturedProc.Noon;

    public SmapsCacheTests() => _scanner = new ProcessScanner(_captured.Root, maxHeld: 100);

    public void Dispose()
    {
        _scanner.Dispose();
        _captured.Dispose();
    }

    [Fact]
    public void Below_the_warning_level_a_growing_process_is_never_read_by_smaps()
    {
        for (var scan = 0UL; scan < 20; scan++)
        {
            Assert.Equal(0, Scan(new CapturedArea(First, (Limit / 8) + scan, "wr ac")).SmapsReads);

            var reading = Assert.Single(_found);
            Assert.Equal((ReadingSource.Maps, true), (reading.Source, reading.Assessment.IsBound));
            Assert.Equal(((Limit / 8) + scan) << 12, reading.Assessment.Used);
            Assert.Equal((Verdict.CanFork, (int?)null), (reading.Assessment.Verdict, reading.MeasuredPercent));
        }
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    public void A_process_at_risk_that_grows_at_either_end_is_read_once_and_its_new_length_counts(ulong down)
    {
        Assert.Equal(1, Scan(new CapturedArea(First, Limit, "wr ac", Name: "[heap]")).SmapsReads);
        for (var more = 1UL; more < 20; more++)
        {
            var statistics = Scan(new CapturedArea(First - (down * more), Limit + more, "wr ac", Name: "[heap]"));

            var reading = Assert.Single(_found);
            Assert.Equal((0, Verdict.CannotFork), (statistics.SmapsReads, reading.Assessment.Verdict));
            Assert.Equal((Limit + more) << 12, reading.Assessment.Used);
            Assert.Equal(("[heap]", (Limit + more) << 12), (reading.Mapping.Name, reading.Mapping.Bytes));
            Assert.Equal((true, CapturedProc.Noon), (reading.IsKept, reading.MeasuredTime - Interval));
        }
    }

    [Fact]
    public void A_reservation_that_grows_stays_one()
    {
        Scan(new CapturedArea(First, Limit * 2, "nr", "---p"));

        Assert.Equal(0, Scan(new CapturedArea(First, (Limit * 2) + 1, "nr", "---p")).SmapsReads);
        Assert.Empty(_found);
    }

    [Theory]
    [InlineData(First, (Limit * 2) - 1, "rw-p")]
    [InlineData(First + 1, (Limit * 2) - 1, "rw-p")]
    [InlineData(First, Limit * 2, "r--p")]
    [InlineData(First + (Limit * 4), (Limit * 2) + 1, "rw-p")]
    public void A_mapping_that_shrank_moved_or_changed_its_permissions_is_read_again(
        ulong first,
        ulong pages,
        string permissions
    )
    {
        Scan(new CapturedArea(First, Limit * 2, "nr"));
        Assert.Empty(_found);

        Assert.Equal(1, Scan(new CapturedArea(first, pages, "ac", permissions)).SmapsReads);
        Assert.Equal(Verdict.CannotFork, Assert.Single(_found).Assessment.Verdict);
    }

    /// <summary>Neither total_vm nor the writable pages show it: maps is read once a minute in any case.</summary>
    [Fact]
    public void A_charge_that_took_the_place_of_a_reservation_of_its_size_is_found_within_a_minute()
    {
        Scan(new CapturedArea(First, Limit * 2, "nr"));
        for (var scan = 0; scan < 4; scan++)
        {
            Scan(new CapturedArea(First + (Limit * 4), Limit * 2, "ac"));
        }

        Assert.Equal(Verdict.CannotFork, Assert.Single(_found).Assessment.Verdict);
    }

    [Fact]
    public void Two_mappings_with_other_flags_that_seem_to_have_merged_are_read_again()
    {
        Scan(new CapturedArea(First, Limit, "nr"), new CapturedArea(First + Limit + 1, Limit, "ac"));

        Assert.Equal(1, Scan(new CapturedArea(First, (Limit * 2) + 1, "ac")).SmapsReads);
        Assert.Equal(((Limit * 2) + 1) << 12, Assert.Single(_found).Assessment.Used);
    }

    [Fact]
    public void Another_reservation_beside_a_larger_charge_changes_nothing_and_is_not_read()
    {
        Scan(new CapturedArea(First, Limit, "ac"));

        Assert.Equal(
            0,
            Scan(new CapturedArea(First, Limit, "ac"), new CapturedArea(First * 2, Limit - 1, "nr")).SmapsReads
        );
        Assert.Equal((Limit << 12, false), (_found[0].Assessment.Used, _found[0].Assessment.IsBound));
    }

    [Fact]
    public void Ranges_that_keep_changing_are_read_less_and_less_often_and_bounded_in_between()
    {
        var reads = 0;
        for (var scan = 0UL; scan < 80; scan++)
        {
            reads += Scan(new CapturedArea(First + (scan % 2), Limit, "ac")).SmapsReads;
            Assert.Equal(Limit << 12, Assert.Single(_found).Assessment.Used);
        }

        Assert.InRange(reads, 3, 9);
    }

    [Fact]
    public void A_process_that_comes_to_the_pid_of_another_is_read()
    {
        Scan(new CapturedArea(First, Limit, "nr"));
        _captured.RemoveProcess(7);
        _scanner.List();

        Assert.Equal(1, Scan(new CapturedArea(First, Limit, "ac")).SmapsReads);
        Assert.Single(_found);
    }

    private ScanStatistics Scan(params CapturedArea[] areas)
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = areas });
        _found.Clear();
        _now += Interval;
        return _scanner.Scan(_captured.State, OvercommitMode.Heuristic, Levels, _now, _found);
    }
}
