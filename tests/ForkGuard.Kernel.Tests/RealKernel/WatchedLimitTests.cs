using System.Diagnostics;
using System.Globalization;
using System.Text;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>A limit that is kept because nobody wrote its file: how soon a write counts.</summary>
public sealed class WatchedLimitTests : IDisposable
{
    private const int Interval = 15;
    private const int MaxDelay = 45;
    private const int Level = 70;

    // Limits are kept by then, and facts are not read again yet.
    private const int ScansUntilKept = 12;

    private readonly ProcRoot _proc = new();
    private readonly List<ProcessFacts> _facts = [];
    private readonly List<ConstraintReading> _found = new(100);
    private CgroupRoot _cgroups;
    private ScanContext _context;
    private ProcessFactsReader _reader;
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    public WatchedLimitTests() => (_cgroups, _context, _reader) = Open(maxWatches: null);

    [Theory]
    [InlineData(1)]
    [InlineData(ScansUntilKept)]
    public async Task A_lowered_pids_limit_counts_in_the_next_scan(int scansBefore)
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        cgroup.SetMax(10);
        ScanOften(scansBefore);
        cgroup.SetMax(1);

        ScanNext();

        Assert.True(Assert.Single(_found).Refuses);
        Assert.Equal(Errno.TryAgain, await forker.ForkAsync());
    }

    [Fact]
    public async Task A_lowered_limit_of_an_outer_cgroup_counts_in_the_next_scan()
    {
        await using var outer = TestCgroup.Create();
        await using var inner = outer.CreateChild();
        await using var forker = await StartInAsync(inner);
        outer.SetMax(10);
        inner.SetMax(10);
        ScanOften(ScansUntilKept);
        outer.SetMax(1);

        ScanNext();

        Assert.True(Assert.Single(_found).Refuses);
    }

    [Fact]
    public async Task A_limit_that_is_set_for_the_first_time_counts_in_the_next_scan()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        ScanOften(ScansUntilKept);
        cgroup.SetMax(1);

        ScanNext();

        Assert.True(Assert.Single(_found).Refuses);
    }

    [Fact]
    public async Task A_lowered_memory_limit_counts_in_the_next_scan()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var forker = await Forker.StartAsync();
        cgroup.Add(forker.Pid);
        _facts.Add(new ProcessFacts { Pid = forker.Pid });
        cgroup.LimitToRoom(1UL << 30);
        ScanOften(ScansUntilKept);
        Assert.Empty(_found);
        cgroup.LimitToRoom(4096);

        ScanNext();

        Assert.Equal(ConstraintType.ContainerMemory, Assert.Single(_found).Type);
    }

    [Fact]
    public async Task A_write_through_a_mount_of_another_cgroup_namespace_counts_in_the_next_scan()
    {
        await using var outer = TestCgroup.Create();
        await using var inner = outer.CreateChild();
        await using var forker = await StartInAsync(inner);
        inner.SetMax(10);
        ScanOften(ScansUntilKept);
        var mount = Directory.Exists("/sys/fs/cgroup/pids") ? "-t cgroup -o pids" : "-t cgroup2";
        await RunAsync(
            $"""
            echo 0 >{outer.Directory}/cgroup.procs && exec unshare --cgroup --mount --propagation private \
              sh -c 'mount {mount} none /mnt && echo 1 >/mnt/{Path.GetFileName(inner.Directory)}/pids.max'
            """
        );
        Assert.Equal("1\n", inner.Read("pids.max"));

        ScanNext();

        Assert.True(Assert.Single(_found).Refuses);
    }

    [Fact]
    public async Task A_limit_counts_although_its_event_was_lost()
    {
        await using var first = TestCgroup.Create();
        await using var second = TestCgroup.Create();
        await using var third = TestCgroup.Create();
        await using var noisy = await StartInAsync(first);
        await using var loud = await StartInAsync(second);
        await using var forker = await StartInAsync(third);
        third.SetMax(10);
        ScanOften(ScansUntilKept);
        var queue = int.Parse(
            await File.ReadAllTextAsync(
                "/proc/sys/fs/inotify/max_queued_events",
                TestContext.Current.CancellationToken
            ),
            CultureInfo.InvariantCulture
        );

        // Equal events in a row count once.
        using var a = File.OpenHandle($"{first.Directory}/pids.max", FileMode.Open, FileAccess.Write);
        using var b = File.OpenHandle($"{second.Directory}/pids.max", FileMode.Open, FileAccess.Write);
        for (var written = 0; written < queue + 2; written++)
        {
            RandomAccess.Write(written % 2 == 0 ? a : b, "100"u8, fileOffset: 0);
        }

        third.SetMax(1);

        ScanNext();

        Assert.True(Assert.Single(_found).Refuses);
    }

    [Fact]
    public async Task Without_a_watch_a_lowered_limit_counts_within_45_seconds()
    {
        Dispose();
        (_cgroups, _context, _reader) = Open(maxWatches: 0);
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        cgroup.SetMax(10);
        ScanOften(ScansUntilKept);
        cgroup.SetMax(1);

        ScanOften(MaxDelay / Interval);

        Assert.True(Assert.Single(_found).Refuses);
    }

    [Fact]
    public async Task A_limit_is_not_kept_for_a_later_cgroup_of_its_name()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        await using var parking = TestCgroup.Create();
        cgroup.SetMax(10);
        ScanOften(ScansUntilKept);
        parking.Add(forker.Pid);
        await cgroup.DisposeAsync();
        Directory.CreateDirectory(cgroup.Directory);
        cgroup.SetMax(1);
        cgroup.Add(forker.Pid);

        ScanOften(MaxDelay / Interval);
        Assert.True(Assert.Single(_found).Refuses);
        cgroup.SetMax(10);
        ScanOften(ScansUntilKept);
        Assert.Empty(_found);
        cgroup.SetMax(1);
        ScanNext();
        Assert.True(Assert.Single(_found).Refuses);
    }

    [Fact]
    public async Task A_cgroup_that_is_no_longer_read_leaves_its_watch_to_another()
    {
        using var root = new CgroupRoot(_proc, maxWatches: 1);
        await using var first = TestCgroup.Create();
        await using var second = TestCgroup.Create();
        CgroupFile max = new("pids.max");
        CgroupFile current = new("pids.current");
        first.SetMax(10);
        second.SetMax(10);
        Assert.Equal(10UL, Limit(first));
        second.SetMax(9);
        for (var scan = 0; scan < 40; scan++)
        {
            _ = Limit(second);
        }

        second.SetMax(8);
        Assert.Equal(8UL, Limit(second));

        ulong Limit(TestCgroup cgroup)
        {
            _now += TimeSpan.FromSeconds(1);
            root.BeginScan(_now);
            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"{(Directory.Exists("/sys/fs/cgroup/pids") ? "1:pids:" : "0::")}/{Path.GetFileName(cgroup.Directory)}\n"
            );
            var place = root.Locate(Encoding.UTF8.GetBytes(line), CgroupController.Pids);
            return place.Cgroup!.Limit(max, current, isFresh: false).Value;
        }
    }

    [Fact]
    public async Task Kept_limits_and_written_ones_allocate_nothing()
    {
        await using var cgroup = TestCgroup.Create();
        await using var forker = await StartInAsync(cgroup);
        cgroup.SetMax(10);
        ScanOften(ScansUntilKept);
        using var file = File.OpenHandle($"{cgroup.Directory}/pids.max", FileMode.Open, FileAccess.Write);

        // What is done for the first time may allocate.
        var rounds = Enumerable
            .Range(0, 6)
            .Select(_ => new[] { Measure(isWritten: true), Measure(isWritten: false), Measure(isWritten: false) })
            .ToList();

        Assert.All(Enumerable.Range(0, 3), scan => Assert.Equal(0, rounds.Min(round => round[scan])));

        long Measure(bool isWritten)
        {
            if (isWritten)
            {
                RandomAccess.Write(file, "11"u8, fileOffset: 0);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            Scan(Interval);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    public void Dispose() => _cgroups.Dispose();

    private static async Task RunAsync(string script)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var shell = Process.Start("sh", ["-c", script]);
        await shell.WaitForExitAsync(cancellationToken).WaitAsync(Victim.Limit, cancellationToken);
        Assert.Equal(0, shell.ExitCode);
    }

    private (CgroupRoot Cgroups, ScanContext Context, ProcessFactsReader Reader) Open(int? maxWatches)
    {
        var cgroups = new CgroupRoot(_proc, maxWatches: maxWatches);
        var context = new ScanContext(_proc, cgroups);
        return (cgroups, context, new ProcessFactsReader(context));
    }

    private async Task<Forker> StartInAsync(TestCgroup cgroup)
    {
        var forker = await Forker.StartAsync();
        cgroup.Add(forker.Pid);
        _facts.Add(new ProcessFacts { Pid = forker.Pid });
        return forker;
    }

    private void ScanOften(int times)
    {
        for (var scan = 0; scan < times; scan++)
        {
            Scan(Interval);
        }
    }

    // So soon after the last scan that hardly anything else is read again.
    private void ScanNext() => Scan(seconds: 1);

    private void Scan(int seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        _found.Clear();
        _context.BeginScan(_now, Level);
        foreach (var facts in _facts)
        {
            var isRead = ForkChecks.Scan(_context, _reader, facts, _found) == ReadStatus.Ok;
            Assert.True(isRead);
        }
    }
}
