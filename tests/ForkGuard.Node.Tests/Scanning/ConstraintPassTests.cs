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

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static long Measure(ProcRoot proc)
    {
        using var scanner = new ProcessScanner(proc, DescriptorLimit.Raise() / 2);
        using var pass = new ConstraintPass(proc, new CgroupRoot(new ProcRoot()), evictionThreshold: 0);
        Assert.True(new KernelStateReader(proc).TryRead(out var state, out var problem), problem);
        var settings = new ReportSettings(100, null, TimeSpan.FromSeconds(15));
        var moment = new ScanMoment(state, state.Mode, settings, Uptime.Read(proc), Scans.Start, Stop);
        var allocated = 0L;
        for (var i = 0; i < Warmups + Rounds; i++)
        {
            moment = moment with { Now = moment.Now + settings.Interval };
            Assert.Equal(2, scanner.List().Processes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            pass.Scan(scanner, [], moment);
            allocated += i < Warmups ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Empty(pass.Found);
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
}
