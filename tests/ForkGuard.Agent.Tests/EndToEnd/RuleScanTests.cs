using ForkGuard.Agent.Watching;
using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd;

[Trait("Needs", "Machine")]
public class RuleScanTests
{
    private const int Scans = 8;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>What is held against the limit jumps with the mode although nothing grew.</summary>
    [Fact]
    public async Task A_change_of_mode_is_not_taken_for_growth()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() / 2,
            cancellationToken: Check.Stop
        );
        var proc = new ProcRoot();
        Assert.True(new KernelStateReader(proc).TryRead(out var state, out var problem), problem);
        using var scan = new RuleScan(proc, EvaluationMode.Actual, levelPercent: 30, maxHeld: 100);
        var now = DateTimeOffset.UnixEpoch;

        ProcessReport Look(OvercommitMode mode) =>
            scan.Scan(
                    state with
                    {
                        Mode = mode,
                        Committed = state.TotalMemory,
                        CommitLimit = 4 * state.TotalMemory,
                    },
                    now += Interval
                )
                .Values.Single(process => process.Report.Pid == victim.Pid)
                .Report;

        for (var i = 0; i < Scans; i++)
        {
            Assert.True(Look(OvercommitMode.Heuristic).GrowthBytesPerMinute is null or 0);
        }

        for (var i = 0; i < Scans; i++)
        {
            Assert.True(Look(OvercommitMode.Strict).GrowthBytesPerMinute is null or 0);
        }
    }
}
