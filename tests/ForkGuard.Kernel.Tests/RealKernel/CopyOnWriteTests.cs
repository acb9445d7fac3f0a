using System.Globalization;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>Saves within a limit: the prediction against the page at which the kernel kills.</summary>
[Trait("Needs", "Machine")]
public sealed class CopyOnWriteTests : IDisposable
{
    private const ulong KiB = 1024;
    private const ulong MiB = 1024 * KiB;

    private readonly CgroupRoot _cgroups;
    private readonly ScanContext _context;

    public CopyOnWriteTests()
    {
        var proc = new ProcRoot();
        _cgroups = new CgroupRoot(proc);
        _context = new ScanContext(proc, _cgroups);
    }

    [Theory]
    [InlineData(256 * KiB, 0)]
    [InlineData(2 * MiB, 0)]
    [InlineData(100 * MiB, 0)]
    [InlineData(199 * MiB, 0)]
    [InlineData(20 * MiB, 60 * MiB)]
    public async Task The_kernel_kills_at_the_predicted_page(ulong room, ulong pageCache)
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await HoldAsync(saver, 200 * MiB);
        await saver.DoAsync("first");
        if (pageCache > 0)
        {
            await saver.DoAsync(Text($"file {saver.CachePath} {pageCache / Saver.PageBytes}"));
        }

        await saver.DoAsync("fork");
        cgroup.LimitToRoom(room);

        var reading = Read(saver);
        var answer = await saver.TryAsync(Text($"rewrite {200 * MiB / Saver.PageBytes}"));

        Assert.Null(answer);
        Assert.False(reading.Survives);
        Assert.InRange(reading.Room.Bytes.High, room + (pageCache * 9 / 10), room + pageCache + MiB);
        Assert.InRange(
            saver.Rewritten,
            reading.Room.Bytes.High - Math.Min(reading.Room.Uncertainty, reading.Room.Bytes.High),
            reading.Room.Bytes.High + reading.Room.Uncertainty
        );
    }

    [Fact]
    public async Task A_save_survives_with_room_for_the_worst_case()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await HoldAsync(saver, 100 * MiB);
        var worst = Read(saver).Cost.WorstCaseBytes;
        // The charges that CPUs hold in advance count as usage.
        cgroup.LimitToRoom(worst + MiB);

        var reading = Read(saver);
        await saver.DoAsync("fork");
        var during = Read(saver) with { ChildPid = 1 };
        await saver.DoAsync(Text($"rewrite {100 * MiB / Saver.PageBytes}"));

        Assert.True(reading.Survives, reading.ToString());
        Assert.True(during.Survives, during.ToString());
        Assert.Equal((false, Confidence.Exact), (reading.ToConstraint().Refuses, reading.ToConstraint().Confidence));
    }

    [Fact]
    public async Task A_save_with_room_for_the_worst_case_is_silent_through_all_of_its_run()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await HoldAsync(saver, 100 * MiB);
        cgroup.LimitToRoom(Read(saver).Cost.WorstCaseBytes + MiB);
        var scanner = await SaveOnceAsync(saver);

        var child = (int)await saver.DoAsync("fork");
        for (var second = 100; second < 200; second += 20)
        {
            var reading = Assert.Single(Scan(scanner, second, saver.Pid, child));
            Assert.True(reading is { Survives: true, SecondsLeft: null }, reading.ToString());
            await saver.DoAsync(Text($"rewrite {(ulong)(second - 80) * MiB / Saver.PageBytes}"));
        }
    }

    [Fact]
    public async Task Memory_that_grew_before_the_fork_can_still_be_copied()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await HoldAsync(saver, 64 * MiB);
        var scanner = await SaveOnceAsync(saver);
        await HoldAsync(saver, 100 * MiB);
        var child = (int)await saver.DoAsync("fork");
        cgroup.LimitToRoom(80 * MiB);

        var first = Assert.Single(Scan(scanner, 100, saver.Pid, child));
        await saver.DoAsync(Text($"rewrite {10 * MiB / Saver.PageBytes}"));
        var second = Assert.Single(Scan(scanner, 110, saver.Pid, child));
        var answer = await saver.TryAsync(Text($"rewrite {100 * MiB / Saver.PageBytes}"));

        Assert.Null(answer);
        Assert.InRange(first.TakenBytes, 100 * MiB, 101 * MiB);
        Assert.InRange(first.RemainingBytes, 164 * MiB, 166 * MiB);
        Assert.InRange(second.RemainingBytes, 154 * MiB, 156 * MiB);
        Assert.InRange(second.SecondsLeft!.Value, 60, 80);
    }

    [Fact]
    public async Task A_child_that_has_ended_since_the_scan_listed_it_saves_nothing()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await HoldAsync(saver, 64 * MiB);
        var scanner = new SnapshotScanner(_context);
        var child = (int)await saver.DoAsync("fork");
        Assert.Equal(child, Assert.Single(Scan(scanner, 0, saver.Pid, child)).ChildPid);
        IReadOnlyList<ListedProcess> listed = [Saver.List(saver.Pid), Saver.List(child)];
        await saver.DoAsync("end");

        Assert.Equal(0, Assert.Single(Scan(scanner, 10, listed)).ChildPid);
    }

    [Fact]
    public async Task Learns_what_a_save_costs_and_forgets_a_process_that_has_ended()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await HoldAsync(saver, 64 * MiB);
        cgroup.LimitToRoom(64 * MiB);
        var scanner = new SnapshotScanner(_context);
        Assert.Empty(Scan(scanner, 0, saver.Pid));

        var child = (int)await saver.DoAsync("fork");
        var first = Assert.Single(Scan(scanner, 5, saver.Pid, child));
        await saver.DoAsync(Text($"rewrite {20 * MiB / Saver.PageBytes}"));
        var second = Assert.Single(Scan(scanner, 15, saver.Pid, child));
        await saver.DoAsync("end");
        var after = Assert.Single(Scan(scanner, 25, saver.Pid));

        Assert.Equal((child, child, 0), (first.ChildPid, second.ChildPid, after.ChildPid));
        Assert.InRange(second.TakenBytes, 20 * MiB, 21 * MiB);
        Assert.InRange(after.LearnedPeakBytes!.Value, 20 * MiB, 21 * MiB);
        Assert.Equal(after.LearnedPeakBytes, after.ToConstraint().Used);
        Assert.InRange(second.SecondsLeft!.Value, 18, 24);
        Assert.Null(after.SecondsLeft);
        Assert.Empty(Scan(scanner, 35));
        Assert.Empty(Scan(scanner, 45, saver.Pid));
    }

    [Fact]
    public async Task A_child_in_the_memory_of_its_parent_saves_nothing()
    {
        await using var saver = await Saver.StartAsync();
        var scanner = new SnapshotScanner(_context);

        var child = (int)await saver.DoAsync("clone");

        Assert.Equal(Saver.List(saver.Pid).StartStack, Saver.List(child).StartStack);
        Assert.Empty(Scan(scanner, 0, saver.Pid, child));
    }

    [Theory]
    [InlineData("anon")]
    [InlineData("huge")]
    public async Task Huge_pages_shorten_the_estimate_of_a_fork(string kind)
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await saver.DoAsync(Text($"{kind} {256 * MiB / Saver.PageBytes}"));

        var estimate = Read(saver).ForkTime;
        var measured = TimeSpan.FromMicroseconds(await saver.DoAsync("fork-time"));

        TestContext.Current.TestOutputHelper!.WriteLine($"{kind}: {estimate}, measured {measured}");
        var isHuge = estimate.Longest < TimeSpan.FromMilliseconds(1);
        Assert.Equal(kind == "huge" && Read(saver).Room.AnonymousHuge > 200 * MiB, isHuge);
    }

    public void Dispose() => _cgroups.Dispose();

    private static Task<long> HoldAsync(Saver saver, ulong bytes) =>
        saver.DoAsync(Text($"anon {bytes / Saver.PageBytes}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private SnapshotReading Read(Saver saver)
    {
        _context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent: 0);
        var reading = SnapshotScanner.Read(_context, saver.Pid, startTime: 1);
        Assert.NotNull(reading);
        Assert.Null(reading.Value.Room.Problem);
        return reading.Value;
    }

    /// <summary>A program is known from its first save on: one that copies nothing.</summary>
    private async Task<SnapshotScanner> SaveOnceAsync(Saver saver)
    {
        var scanner = new SnapshotScanner(_context);
        var child = (int)await saver.DoAsync("fork");
        Assert.Single(Scan(scanner, 0, saver.Pid, child));
        await saver.DoAsync("end");
        Assert.Single(Scan(scanner, 10, saver.Pid));
        return scanner;
    }

    private List<SnapshotReading> Scan(SnapshotScanner scanner, int second, params int[] pids) =>
        Scan(scanner, second, [.. pids.Select(Saver.List)]);

    private List<SnapshotReading> Scan(SnapshotScanner scanner, int second, IReadOnlyList<ListedProcess> processes)
    {
        var readings = new List<SnapshotReading>();
        _context.BeginScan(DateTimeOffset.UnixEpoch.AddSeconds(second), levelPercent: 70);
        // Any time at which all of them are older than an exec takes and younger than a worker.
        var uptime = TimeSpan.FromSeconds(
            (processes.Select(process => process.StartTime).DefaultIfEmpty().Max() / 100) + 10
        );
        scanner.Scan(processes, uptime, readings);
        return readings;
    }
}
