using System.Globalization;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;
using Condition = ForkGuard.Testing.Condition;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>Forks of a process with 16 MiB of page tables within a limit: the verdict against what the kernel does.</summary>
[Trait("Needs", "Machine")]
public sealed class ContainerMemoryCheckTests : IDisposable
{
    private const ulong MiB = 1024 * 1024;
    private const string HoldTables = "sparse 4000";

    private readonly CgroupRoot _cgroups;
    private readonly ScanContext _context;

    public ContainerMemoryCheckTests()
    {
        var proc = new ProcRoot();
        _cgroups = new CgroupRoot(proc);
        _context = new ScanContext(proc, _cgroups);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(14)]
    public async Task A_fork_that_costs_more_than_the_room_is_killed(ulong roomMiB)
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await saver.DoAsync(HoldTables);
        cgroup.LimitToRoom(roomMiB * MiB);

        var reading = Read(saver.Pid);
        var answer = await saver.TryAsync("fork");

        Assert.Null(answer);
        Assert.Equal((true, true, Confidence.Estimate), (reading.Refuses, reading.Kills, reading.Confidence));
    }

    [Fact]
    public async Task A_fork_of_a_heap_is_killed_whatever_libraries_the_process_maps()
    {
        // Each CPU may hold a charge of 256 KiB in advance. The page tables of 2 MiB take 4 KiB.
        var mebibytes = 256 + (128 * Environment.ProcessorCount);
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await saver.DoAsync(Text($"anon {(ulong)mebibytes * MiB / Saver.PageBytes}"));
        cgroup.LimitToRoom(MiB / 4);

        var reading = Read(saver.Pid);
        var answer = await saver.TryAsync("fork");

        Assert.Null(answer);
        Assert.Equal((true, true), (reading.Refuses, reading.Kills));
    }

    [Theory]
    [InlineData("dontfork", false)]
    [InlineData("anon", true)]
    public async Task Only_memory_that_a_fork_leaves_out_costs_nothing(string kind, bool refuses)
    {
        var mebibytes = 512 + (128 * Environment.ProcessorCount);
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await saver.DoAsync(Text($"{kind} {(ulong)mebibytes * MiB / Saver.PageBytes}"));
        cgroup.LimitToRoom(MiB / 2);

        var reading = Read(saver.Pid);
        var scanned = Scan(saver.Pid);
        var answer = await saver.TryAsync("fork");

        Assert.Equal((refuses, refuses), (reading.Refuses, answer is null));
        Assert.Equal(refuses, scanned?.Refuses ?? false);
    }

    /// <summary>Memory that was only read, and a file whose pages were reclaimed.</summary>
    [Theory]
    [InlineData("unwritten")]
    [InlineData("reclaimed")]
    public async Task Page_tables_without_pages_of_their_own_cost_nothing(string memory)
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await saver.DoAsync($"{memory} 4000");
        cgroup.LimitToRoom(4 * MiB);

        var reading = Read(saver.Pid);
        var scanned = Scan(saver.Pid);
        await saver.DoAsync("fork");

        Assert.InRange(reading.Used, 15 * MiB, 18 * MiB);
        Assert.Equal((false, false), (reading.Refuses, scanned?.Refuses ?? false));
    }

    [Theory]
    [InlineData("dirty")]
    [InlineData("dentries")]
    public async Task A_fork_evicts_dirty_page_cache_and_slabs_of_v1(string kind)
    {
        Assert.SkipUnless(MemoryCgroup.IsLegacy, "cgroup v2 shows slabs, and dirty pages may stay");
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await saver.DoAsync(HoldTables);
        await saver.DoAsync(
            kind == "dirty" ? Text($"dirty {saver.CachePath} {28 * MiB / Saver.PageBytes}") : "dentries 60000"
        );
        cgroup.LimitToRoom(4 * MiB);

        var reading = Read(saver.Pid);
        await saver.DoAsync("fork");

        Assert.False(reading.Refuses, reading.ToString());
    }

    [Fact]
    public async Task A_fork_gets_ENOMEM_where_nobody_may_be_killed()
    {
        Assert.SkipUnless(MemoryCgroup.IsLegacy, "only cgroup v1 can switch kills off");
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await saver.DoAsync(HoldTables);
        cgroup.DisableKills();
        cgroup.LimitToRoom(8 * MiB);

        var reading = Read(saver.Pid);
        var answer = await saver.TryAsync("fork");

        Assert.Equal(Errno.NoMemory, answer?.Errno);
        Assert.Equal((true, false), (reading.Refuses, reading.Kills));
    }

    [Theory]
    [InlineData(17, Confidence.Exact)]
    [InlineData(400, Confidence.Exact)]
    public async Task A_fork_with_room_for_its_cost_succeeds(ulong roomMiB, Confidence confidence)
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await saver.DoAsync(HoldTables);
        cgroup.LimitToRoom(roomMiB * MiB);

        var reading = Read(saver.Pid);
        await saver.DoAsync("fork");

        Assert.Equal((false, confidence), (reading.Refuses, reading.Confidence));
    }

    [Fact]
    public void A_fork_that_needs_reclaim_is_no_more_certain_than_that()
    {
        var cost = ForkCost.Of(new ProcessMemory { PageTables = MiB }, mappings: 10);
        var reclaimed = new MemoryRoom { Bytes = new ByteInterval(0, 300 * MiB), Uncertainty = MiB };
        var free = reclaimed with { Bytes = new ByteInterval(100 * MiB, 300 * MiB) };

        var first = ContainerMemoryCheck.Evaluate(reclaimed, cost);
        var second = ContainerMemoryCheck.Evaluate(free, cost);

        var ofCost = cost.MaxBytes - cost.Bytes;
        Assert.Equal((true, (300 * MiB) + ofCost), (first.IsBound, first.Uncertainty));
        Assert.Equal((true, (200 * MiB) + ofCost), (second.IsBound, second.Uncertainty));
    }

    [Fact]
    public async Task Mappings_count_towards_the_cost()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await saver.DoAsync("areas 10000");
        cgroup.LimitToRoom(400 * MiB);

        var reading = Read(saver.Pid);
        var before = cgroup.Usage;
        await saver.DoAsync("fork");

        Assert.InRange(reading.Used, cgroup.Usage - before, 2 * (cgroup.Usage - before));
    }

    [Fact]
    public async Task Page_tables_of_shared_memory_prove_no_refusal()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        await saver.DoAsync(Text($"shared {512 * MiB / Saver.PageBytes}"));
        cgroup.LimitToRoom(MiB / 4);

        var reading = Read(saver.Pid);
        await saver.DoAsync("fork");

        Assert.Equal((false, true), (reading.Refuses, reading.IsBound));
        Assert.Equal(Confidence.Estimate, reading.Confidence);
    }

    [Fact]
    public async Task A_process_whose_main_thread_has_ended_forks_by_another()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var forker = await Forker.StartAsync();
        cgroup.Add(forker.Pid);
        cgroup.LimitToRoom(400 * MiB);
        await forker.DoAsync("handover");
        await Condition.HoldsAsync(
            () => File.ReadAllText($"/proc/{forker.Pid}/stat").Contains(") Z ", StringComparison.Ordinal),
            "the main thread has ended",
            TestContext.Current.CancellationToken
        );

        var reading = Read(forker.Pid);

        Assert.Equal((false, Confidence.Exact), (reading.Refuses, reading.Confidence));
        Assert.InRange(reading.Used, 64 * 1024UL, MiB);
        Assert.Equal(Errno.None, await forker.ForkAsync());
    }

    [Fact]
    public async Task A_process_without_a_limit_has_no_reading()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);

        Assert.DoesNotContain(
            ForkChecks.ReadAll(_context, saver.Pid, DateTimeOffset.UnixEpoch).Readings,
            reading => reading.Type == ConstraintType.ContainerMemory
        );
    }

    [Fact]
    public async Task A_scan_of_a_process_with_room_allocates_nothing()
    {
        await using var cgroup = MemoryCgroup.Create();
        await using var saver = await Saver.StartAsync(cgroup);
        cgroup.LimitToRoom(400 * MiB);
        var facts = ForkChecks.ReadAll(_context, saver.Pid, DateTimeOffset.UnixEpoch).Facts;
        var check = ForkChecks.All.Single(one => one.Type == ConstraintType.ContainerMemory);
        var fewest = long.MaxValue;
        for (var scan = 0; scan < 20 && fewest > 0; scan++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            _context.BeginScan(DateTimeOffset.UnixEpoch.AddMinutes(scan), levelPercent: 70);
            Assert.False(check.TryRead(_context, facts, out _));
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, fewest);
    }

    public void Dispose() => _cgroups.Dispose();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private ConstraintReading? Scan(int pid)
    {
        var facts = ForkChecks.ReadAll(_context, pid, DateTimeOffset.UnixEpoch).Facts;
        _context.BeginScan(DateTimeOffset.UnixEpoch.AddMinutes(1), levelPercent: 70);
        var found = new List<ConstraintReading>();
        ForkChecks.Scan(_context, facts, found);
        return found
            .Where(reading => reading.Type == ConstraintType.ContainerMemory)
            .Cast<ConstraintReading?>()
            .SingleOrDefault();
    }

    private ConstraintReading Read(int pid) =>
        ForkChecks
            .ReadAll(_context, pid, DateTimeOffset.UnixEpoch)
            .Readings.Single(reading => reading.Type == ConstraintType.ContainerMemory);
}
