using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Scanning;
using ForkGuard.Testing;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>Constraints of the processes of this machine.</summary>
[Trait("Needs", "Machine")]
public sealed class ConstraintPassTests
{
    private const int Rounds = 200;

    /// <summary>Of many scans some see no new process, whatever else runs here.</summary>
    [Fact]
    public async Task A_scan_of_healthy_processes_allocates_nothing_for_each()
    {
        await using var first = await Victim.StartAsync(VictimLayout.Idle, 1, cancellationToken: Stop);
        var proc = new ProcRoot();
        using var scanner = new ProcessScanner(proc, DescriptorLimit.Raise() / 2);
        using var pass = new ConstraintPass(proc, new CgroupRoot(proc), evictionThreshold: 0);
        Assert.True(new KernelStateReader(proc).TryRead(out var state, out var problem), problem);
        var settings = new ReportSettings(100, null, TimeSpan.FromSeconds(1));
        var now = Scans.Start;
        var least = long.MaxValue;
        var processes = 0;
        for (var i = 0; i < Rounds; i++)
        {
            // Facts are read again ten seconds after the first time.
            now += TimeSpan.FromSeconds(i == 1 ? 11 : 1);
            var moment = new ScanMoment(state, state.Mode, settings, Uptime.Read(proc), now, Stop);
            processes = scanner.List().Processes;
            var before = GC.GetAllocatedBytesForCurrentThread();
            pass.Scan(scanner, [], moment);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(least, 0, processes * 8L);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;
}
