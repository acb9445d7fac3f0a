using System.Globalization;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Scanning;
using ForkGuard.Testing;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>Constraints of real processes that the test started, seen through links to their folders in /proc.</summary>
[Trait("Needs", "Machine")]
public sealed class ConstraintPassTests : IDisposable
{
    private const int Warmups = 40;
    private const int Rounds = 100;

    private static readonly string[] NodeFiles = ["loadavg", "meminfo", "stat", "sys", "self", "uptime", "mounts"];

    private readonly string _folder = Directory.CreateTempSubdirectory("forkguard-links-").FullName;

    /// <summary>Every 15 s for half an hour: facts are read again twice, and cgroups are swept.</summary>
    [Fact]
    public async Task Scans_of_healthy_processes_allocate_nothing()
    {
        await using var first = await Victim.StartAsync(VictimLayout.Idle, 1, cancellationToken: Stop);
        await using var second = await Victim.StartAsync(VictimLayout.Idle, 1, cancellationToken: Stop);
        Link(first.Pid, second.Pid);
        long? allocated = null;

        // A thread of its own, since the counter is that of the thread.
        var thread = new Thread(() => allocated = Measure(new ProcRoot(_folder)));
        thread.Start();
        thread.Join();

        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task A_process_that_moved_into_a_full_cgroup_is_found_within_a_minute()
    {
        await using var cgroup = TestPidsCgroup.Create(max: 1);
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 1, cancellationToken: Stop);
        await using var other = await Victim.StartAsync(VictimLayout.Idle, 1, cancellationToken: Stop);
        Link(victim.Pid, other.Pid);
        using var scans = new PassScans(new ProcRoot(_folder));
        scans.Run(TimeSpan.FromMinutes(5));
        Assert.Empty(scans.Found);

        cgroup.Add(victim.Pid);
        scans.Run(TimeSpan.FromMinutes(1));

        var found = Assert.Single(scans.Found);
        Assert.Equal(victim.Pid, found.Key);
        Assert.True(Assert.Single(found.Value.Readings).Refuses);
    }

    [Fact]
    public async Task A_process_that_is_listed_for_its_mappings_is_found_in_a_full_cgroup_at_once()
    {
        await using var cgroup = TestPidsCgroup.Create(max: 1);
        await using var victim = await Victim.StartAsync(VictimLayout.Idle, 1, cancellationToken: Stop);
        await using var other = await Victim.StartAsync(VictimLayout.Idle, 1, cancellationToken: Stop);
        Link(victim.Pid, other.Pid);
        using var scans = new PassScans(new ProcRoot(_folder));
        scans.Run(TimeSpan.FromMinutes(5));
        cgroup.Add(victim.Pid);
        scans.Run();
        Assert.Empty(scans.Found);

        scans.Run(new ProcessReading { Pid = victim.Pid });

        Assert.True(Assert.Single(scans.Found[victim.Pid].Readings).Refuses);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static long Measure(ProcRoot proc)
    {
        using var scans = new PassScans(proc);
        for (var i = 0; i < Warmups; i++)
        {
            scans.Run();
        }

        var allocated = 0L;
        for (var i = 0; i < Rounds; i++)
        {
            allocated += scans.Run();
        }

        Assert.Empty(scans.Found);
        return allocated;
    }

    private void Link(params int[] pids)
    {
        foreach (var name in NodeFiles.Concat(pids.Select(pid => pid.ToString(CultureInfo.InvariantCulture))))
        {
            File.CreateSymbolicLink(Path.Combine(_folder, name), Path.Combine("/proc", name));
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Scans every 15 s, as the passes see it.</summary>
    private sealed class PassScans : IDisposable
    {
        private static readonly ReportSettings Settings = new(100, null, TimeSpan.FromSeconds(15));

        private readonly ProcessScanner _scanner;
        private readonly ConstraintPass _pass;
        private ScanMoment _moment;

        internal PassScans(ProcRoot proc)
        {
            ReadBudget budget = new(new ScanBudget());
            _scanner = new ProcessScanner(proc, DescriptorLimit.Raise() / 2, budget);
            _pass = new ConstraintPass(proc, new CgroupRoot(new ProcRoot()), evictionThreshold: 0, budget);
            Assert.True(new KernelStateReader(proc).TryRead(out var state, out var problem), problem);
            _moment = new ScanMoment(state, state.Mode, Settings, Uptime.Read(proc), Scans.Start, Stop);
        }

        internal IReadOnlyDictionary<int, FoundConstraints> Found => _pass.Found;

        internal void Run(TimeSpan duration)
        {
            for (var end = _moment.Now + duration; _moment.Now < end; )
            {
                Run();
            }
        }

        /// <summary>Returns the bytes that the constraints of one scan allocated.</summary>
        /// <param name="listed">Processes that are reported for their mappings.</param>
        internal long Run(params IReadOnlyList<ProcessReading> listed)
        {
            _moment = _moment with { Now = _moment.Now + Settings.Interval };
            Assert.Equal(2, _scanner.List().Processes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            _pass.Scan(_scanner, listed, _moment);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        public void Dispose()
        {
            _pass.Dispose();
            _scanner.Dispose();
        }
    }
}
