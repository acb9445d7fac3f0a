using System.Globalization;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Checks;

/// <summary>A limit far above the usage is not read in every scan: how late a lower one counts.</summary>
public sealed class KeptLimitTests : IDisposable
{
    private const int Level = 70;
    private const int MostScans = 4;
    private const int MoreThanTasksOfNode = 1000;
    private const ulong MiB = 1024 * 1024;

    private readonly CapturedNode _node = new();
    private readonly CgroupRoot _cgroups;
    private readonly ScanContext _context;
    private readonly ProcessFacts _facts = new() { Pid = CapturedNode.Pid };

    public KeptLimitTests()
    {
        SetPids(current: 10, max: 100);
        AddPageTables(mebibytes: 100);
        _cgroups = _node.Files.Open();
        _context = new ScanContext(_node.Files.Proc, _cgroups);
        _context.BeginScan(DateTimeOffset.UnixEpoch, Level);
        Assert.Equal(ReadStatus.Ok, new ProcessFactsReader(_context).Read(_facts));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(MoreThanTasksOfNode)]
    public void A_lowered_pids_limit_counts_after_at_most_four_scans(int before)
    {
        SetPids(current: 10, max: before);
        Assert.Empty(Scan());
        SetPids(current: 10, max: 10);

        Assert.InRange(ScansUntilRefused(), 1, MostScans);
    }

    [Fact]
    public void Scans_do_not_prolong_the_time_that_a_limit_is_kept()
    {
        for (var scan = 0; scan < 3 * MostScans; scan++)
        {
            SetPids(current: 10, max: 100);
            Assert.Empty(Scan());
            SetPids(current: 10, max: 10);
            Assert.InRange(ScansUntilRefused(), 1, MostScans);
        }
    }

    [Fact]
    public void Usage_that_comes_near_counts_at_once_against_the_limit_of_this_scan()
    {
        Assert.Empty(Scan());
        SetPids(current: 60, max: 60);

        Assert.True(Assert.Single(Scan()).Refuses);
    }

    [Fact]
    public void Usage_that_comes_near_a_raised_limit_is_no_refusal()
    {
        Assert.Empty(Scan());
        SetPids(current: 100, max: 1000);

        Assert.Empty(Scan());
    }

    [Fact]
    public void Asking_about_one_process_reads_the_limit_of_the_moment()
    {
        Assert.Empty(Scan());
        SetPids(current: 10, max: 10);

        Assert.Contains(
            ForkChecks.ReadAll(_context, CapturedNode.Pid, DateTimeOffset.UnixEpoch).Readings,
            reading => reading is { Type: ConstraintType.Pids, Refuses: true }
        );
    }

    [Fact]
    public void A_lowered_memory_limit_counts_after_at_most_four_scans()
    {
        SetMemory(current: 64 * MiB, max: 1024 * MiB);
        Assert.Empty(Scan());
        SetMemory(current: 64 * MiB, max: 64 * MiB);

        Assert.InRange(ScansUntilRefused(), 1, MostScans);
    }

    public void Dispose()
    {
        _cgroups.Dispose();
        _node.Dispose();
    }

    private int ScansUntilRefused()
    {
        var scans = 1;
        while (!Scan().Exists(reading => reading.Refuses))
        {
            Assert.InRange(++scans, 1, MostScans);
        }

        return scans;
    }

    private List<ConstraintReading> Scan()
    {
        List<ConstraintReading> found = [];
        _context.BeginScan(DateTimeOffset.UnixEpoch, Level);
        ForkChecks.Scan(_context, _facts, found);
        return found;
    }

    private void AddPageTables(int mebibytes)
    {
        var status = Path.Combine(_node.Files.Proc.Path, $"{CapturedNode.Pid}/status");
        File.AppendAllText(status, $"RssAnon:\t1000 kB\nVmPTE:\t{mebibytes * 1024} kB\n");
    }

    private void SetPids(int current, int max)
    {
        Write("pids.current", (ulong)current);
        Write("pids.max", (ulong)max);
    }

    private void SetMemory(ulong current, ulong max)
    {
        Write("memory.current", current);
        Write("memory.max", max);
    }

    private void Write(string file, ulong value) =>
        _node.Files.Write($"x/{file}", value.ToString(CultureInfo.InvariantCulture) + "\n");
}
