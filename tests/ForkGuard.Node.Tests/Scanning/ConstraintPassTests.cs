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

    /// <summary>The facts of a process are read again ten seconds after they were read first.</summary>
    [Fact]
    public async Task The_stack_of_a_large_process_that_was_in_its_first_second_is_read_again_in_the_next_scan()
    {
        await using var victim = await Victim.StartAsync(VictimLayout.OneMapping, 1 << 14, cancellationToken: Stop);
        await using var other = await Victim.StartAsync(VictimLayout.Idle, 1, cancellationToken: Stop);
        Link(other.Pid);
        LinkFilesOf(victim.Pid);
        using var scans = new PassScans(new ProcRoot(_folder), TimeSpan.FromSeconds(5));
        SetStack(victim.Pid, 77);
        Assert.Equal(77UL, StackAt(60.5));
        SetStack(victim.Pid, 78);
        Assert.Equal(78UL, StackAt(65.5));

        ulong StackAt(double uptime)
        {
            scans.Uptime = TimeSpan.FromSeconds(uptime);
            scans.Run(new ProcessReading { Pid = victim.Pid });
            return scans.Found[victim.Pid].Facts.StartStack;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // A folder with a stat of its own.
    private void LinkFilesOf(int pid)
    {
        var folder = Directory.CreateDirectory(FolderOf(pid)).FullName;
        foreach (
            var path in Directory.EnumerateFileSystemEntries(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}")
            )
        )
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(path)), path);
        }

        File.Delete(Path.Combine(folder, "stat"));
    }

    /// <summary>A process that started one minute after the boot.</summary>
    private void SetStack(int pid, int stack) =>
        File.WriteAllText(
            Path.Combine(FolderOf(pid), "stat"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{pid} (victim) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 6000 0 0 0 1 2 {stack} 0 0\n"
            )
        );

    private string FolderOf(int pid) => Path.Combine(_folder, pid.ToString(CultureInfo.InvariantCulture));

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

    /// <summary>Scans of the passes alone, every 15 s by default.</summary>
    private sealed class PassScans : IDisposable
    {
        private readonly ReportSettings _settings;
        private readonly ProcessScanner _scanner;
        private readonly ConstraintPass _pass;
        private ScanMoment _moment;

        internal PassScans(ProcRoot proc, TimeSpan? interval = null)
        {
            _settings = new ReportSettings(100, null, interval ?? TimeSpan.FromSeconds(15));
            ReadBudget budget = new(new ScanBudget());
            _scanner = new ProcessScanner(proc, DescriptorLimit.Raise() / 2, budget);
            _pass = new ConstraintPass(proc, new CgroupRoot(new ProcRoot()), evictionThreshold: 0, budget);
            Assert.True(new KernelStateReader(proc).TryRead(out var state, out var problem), problem);
            _moment = new ScanMoment(state, state.Mode, _settings, Kernel.Procfs.Uptime.Read(proc), Scans.Start, Stop);
        }

        internal IReadOnlyDictionary<int, FoundConstraints> Found => _pass.Found;

        internal TimeSpan Uptime
        {
            set => _moment = _moment with { Uptime = new Uptime(value) };
        }

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
            _moment = _moment with { Now = _moment.Now + _settings.Interval };
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
