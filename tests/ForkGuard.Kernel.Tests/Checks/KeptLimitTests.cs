using System.Globalization;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Checks;

/// <summary>A cgroup far below its limits is not read in every scan: how late a change counts.</summary>
public sealed class KeptLimitTests : IDisposable
{
    private const int MaxDelay = 45;
    private const int MoreThanTasksOfNode = 1000;
    private const int LastPid = 400;
    private const ulong MiB = 1024 * 1024;

    private readonly CapturedNode _node = new();
    private readonly CgroupRoot _cgroups;
    private readonly ScanContext _context;
    private readonly ProcessFacts _facts = new() { Pid = CapturedNode.Pid };
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;
    private int _interval = 15;
    private int _level = 70;

    public KeptLimitTests()
    {
        SetPids(current: 10, max: 100);
        AddPageTables(mebibytes: 100);
        _node.Files.Write("x/memory.stat", "anon 0\ninactive_file 0\nactive_file 0\n");
        _cgroups = _node.Files.Open();
        _context = new ScanContext(_node.Files.Proc, _cgroups);
        _context.BeginScan(_now, _level);
        Assert.Equal(ReadStatus.Ok, new ProcessFactsReader(_context).Read(_facts));
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(100, 15)]
    [InlineData(100, 60)]
    [InlineData(MoreThanTasksOfNode, 1)]
    [InlineData(MoreThanTasksOfNode, 15)]
    [InlineData(MoreThanTasksOfNode, 60)]
    public void A_lowered_pids_limit_counts_within_45_seconds_at_any_interval(int before, int interval)
    {
        _interval = interval;
        SetPids(current: 10, max: before);
        Assert.Empty(Scan());
        SetPids(current: 10, max: 10);

        Assert.InRange(SecondsUntilRefused(), 1, Math.Max(MaxDelay, interval));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(60)]
    public void A_lowered_memory_limit_counts_within_45_seconds_at_any_interval(int interval)
    {
        _interval = interval;
        SetMemory(current: 64 * MiB, max: 1024 * MiB);
        Assert.Empty(Scan());
        SetMemory(current: 64 * MiB, max: 64 * MiB);

        Assert.InRange(SecondsUntilRefused(), 1, Math.Max(MaxDelay, interval));
    }

    [Fact]
    public void A_limit_that_is_set_for_the_first_time_counts_within_45_seconds()
    {
        _node.Files.Write("x/pids.max", "max\n");
        Assert.Empty(Scan());
        SetPids(current: 10, max: 10);

        Assert.InRange(SecondsUntilRefused(), 1, MaxDelay);
    }

    [Fact]
    public void Scans_do_not_prolong_the_time_that_a_limit_is_kept()
    {
        for (var scan = 0; scan < 12; scan++)
        {
            SetPids(current: 10, max: 100);
            while (Scan().Count > 0)
            {
                // The refusing limit may be kept no longer than the other one.
            }

            SetPids(current: 10, max: 10);
            Assert.InRange(SecondsUntilRefused(), 1, MaxDelay);
        }
    }

    [Fact]
    public void A_clock_that_was_set_back_keeps_no_limit()
    {
        Assert.Empty(Scan());
        SetPids(current: 10, max: 10);
        _now -= TimeSpan.FromHours(1);

        Assert.InRange(SecondsUntilRefused(), 1, MaxDelay + _interval);
    }

    [Fact]
    public void Forks_that_may_reach_the_level_count_at_once_against_the_limit_of_this_scan()
    {
        Assert.Empty(Scan());
        SetPids(current: 60, max: 60);
        _node.SetTasks(150, LastPid + 60);

        Assert.True(Assert.Single(Scan()).Refuses);
    }

    [Fact]
    public void Pids_that_started_again_from_the_lowest_count_as_forks()
    {
        _node.SetTasks(150, lastPid: 1290);
        Assert.Empty(Scan());
        SetPids(current: 100, max: 100);
        _node.SetTasks(250, lastPid: 301);

        Assert.True(Assert.Single(Scan()).Refuses);
    }

    [Fact]
    public void Tasks_that_were_moved_without_a_fork_count_within_45_seconds()
    {
        Assert.Empty(Scan());
        SetPids(current: 100, max: 100);

        Assert.InRange(SecondsUntilRefused(), 1, MaxDelay);
    }

    [Fact]
    public void Tasks_of_a_process_that_was_not_there_before_count_at_once()
    {
        Assert.Empty(Scan());
        SetPids(current: 100, max: 100);
        _node.AddProcess(CapturedNode.Pid + 1, uid: 5000);
        var moved = new ProcessFacts { Pid = CapturedNode.Pid + 1 };
        List<ConstraintReading> found = [];
        BeginScan();
        ForkChecks.Scan(_context, new ProcessFactsReader(_context), moved, found);

        Assert.True(Assert.Single(found).Refuses);
    }

    [Fact]
    public void Usage_that_comes_near_a_raised_limit_is_no_refusal()
    {
        Assert.Empty(Scan());
        SetPids(current: 100, max: 1000);
        _node.SetTasks(200, LastPid + 100);

        Assert.Empty(Scan());
    }

    [Fact]
    public void Usage_at_a_level_below_half_of_the_limit_is_found_in_every_scan_without_forks()
    {
        _level = 20;
        SetPids(current: 30, max: 100);

        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal(30, Assert.Single(Scan()).Percent));
    }

    [Fact]
    public void Usage_at_a_level_below_half_of_the_limit_is_found_for_each_process_of_the_cgroup()
    {
        _level = 20;
        SetPids(current: 30, max: 100);
        _node.AddProcess(CapturedNode.Pid + 1, uid: 5000);
        var other = new ProcessFacts { Pid = CapturedNode.Pid + 1 };
        var reader = new ProcessFactsReader(_context);

        for (var scan = 0; scan < 10; scan++)
        {
            Assert.Single(Scan());
            List<ConstraintReading> found = [];
            ForkChecks.Scan(_context, reader, other, found);
            Assert.Equal(30, Assert.Single(found).Percent);
        }
    }

    [Fact]
    public void Asking_about_one_process_reads_the_numbers_of_the_moment()
    {
        Assert.Empty(Scan());
        SetPids(current: 10, max: 10);

        Assert.Contains(
            ForkChecks.ReadAll(_context, CapturedNode.Pid, _now).Readings,
            reading => reading is { Type: ConstraintType.Pids, Refuses: true }
        );
    }

    [Fact]
    public void Memory_that_a_process_gains_in_ram_counts_at_once()
    {
        SetMemory(current: 64 * MiB, max: 1024 * MiB);
        _facts.Size = new ProcessSize(Total: 1024 * MiB / 4096, Resident: 1000, Data: 0);
        Assert.Empty(Scan());
        Assert.Empty(Scan());
        SetMemory(current: 1024 * MiB, max: 1024 * MiB);
        _facts.Size = new ProcessSize(Total: 1024 * MiB / 4096, Resident: 1000 + (960 * MiB / 4096), Data: 0);

        Assert.True(Assert.Single(Scan()).Refuses);
    }

    [Fact]
    public void Memory_of_a_process_that_starts_in_a_cgroup_beside_it_counts_at_once()
    {
        _interval = 1;
        SetMemory(current: 64 * MiB, max: 4096 * MiB);
        WriteRoot("memory.max", 1024 * MiB);
        WriteRoot("memory.current", 64 * MiB);
        _node.Files.Write("memory.stat", "anon 0\ninactive_file 0\nactive_file 0\n");
        Assert.Empty(Scan());
        Assert.Empty(Scan());
        WriteRoot("memory.current", 1024 * MiB);
        _node.AddProcess(CapturedNode.Pid + 1, uid: 5000, cgroup: "/y");
        var other = new ProcessFacts { Pid = CapturedNode.Pid + 1 };
        BeginScan();
        ForkChecks.Scan(_context, new ProcessFactsReader(_context), other, []);

        List<ConstraintReading> found = [];
        ForkChecks.Scan(_context, _facts, found);
        Assert.True(Assert.Single(found).Refuses);
    }

    [Fact]
    public void Memory_that_no_process_maps_counts_within_45_seconds()
    {
        SetMemory(current: 64 * MiB, max: 1024 * MiB);
        Assert.Empty(Scan());
        SetMemory(current: 1024 * MiB, max: 1024 * MiB);

        Assert.InRange(SecondsUntilRefused(), 1, MaxDelay);
    }

    [Fact]
    public void Page_tables_that_cannot_be_read_are_a_problem_in_every_scan()
    {
        SetMemory(current: 64 * MiB, max: 1024 * MiB);
        RemovePageTables();

        Assert.All(Enumerable.Range(0, 5), _ => Assert.NotNull(Assert.Single(Scan()).Problem));
    }

    /// <summary>Processes that start meanwhile would have another cgroup of the same path, which knows nothing of the growth here.</summary>
    [Fact]
    public void A_cgroup_stays_the_same_while_only_kept_numbers_are_used()
    {
        _interval = 1;
        _level = 10;
        SetPids(current: 5, max: 100);
        _node.Files.Write("pids.max", "20\n");
        _node.Files.Write("pids.current", "15\n");
        SetMemory(current: 64 * MiB, max: 1900 * MiB);
        var (pids, memory) = (_facts.Pids.Cgroup, _facts.Memory.Cgroup);
        for (var scan = 0; scan < 60; scan++)
        {
            _ = Scan();
        }

        var later = new ProcessFacts { Pid = CapturedNode.Pid };
        Assert.Equal(ReadStatus.Ok, new ProcessFactsReader(_context).Read(later));
        Assert.Same(memory, later.Memory.Cgroup);
        Assert.Same(pids, later.Pids.Cgroup);
    }

    public void Dispose()
    {
        _cgroups.Dispose();
        _node.Dispose();
    }

    private int SecondsUntilRefused()
    {
        var seconds = _interval;
        while (!Scan().Exists(reading => reading.Refuses))
        {
            seconds += _interval;
            Assert.InRange(seconds, 1, 300);
        }

        return seconds;
    }

    private List<ConstraintReading> Scan()
    {
        List<ConstraintReading> found = [];
        BeginScan();
        ForkChecks.Scan(_context, _facts, found);
        return found;
    }

    private void BeginScan()
    {
        _now += TimeSpan.FromSeconds(_interval);
        _context.BeginScan(_now, _level);
    }

    private void AddPageTables(int mebibytes)
    {
        var status = Path.Combine(_node.Files.Proc.Path, $"{CapturedNode.Pid}/status");
        File.AppendAllText(status, $"RssAnon:\t1000 kB\nVmPTE:\t{mebibytes * 1024} kB\n");
    }

    private void RemovePageTables()
    {
        var status = Path.Combine(_node.Files.Proc.Path, $"{CapturedNode.Pid}/status");
        File.WriteAllLines(
            status,
            File.ReadAllLines(status).Where(line => !line.StartsWith("VmPTE", StringComparison.Ordinal))
        );
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

    private void WriteRoot(string file, ulong value) =>
        _node.Files.Write(file, value.ToString(CultureInfo.InvariantCulture) + "\n");

    private void Write(string file, ulong value) =>
        _node.Files.Write($"x/{file}", value.ToString(CultureInfo.InvariantCulture) + "\n");
}
