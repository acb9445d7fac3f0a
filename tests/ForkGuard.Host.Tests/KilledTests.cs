using ForkGuard.Api;

namespace ForkGuard.Host.Tests;

/// <summary>The process is killed between any two of its calls, and started again.</summary>
public sealed class KilledTests
{
    /// <summary>Calls of a whole restart: the check, the facts of three steps, and the restart itself among them.</summary>
    private const int MaxCalls = 20;

    [Fact]
    public async Task A_kill_at_any_call_leads_to_one_restart_while_the_evidence_lasts()
    {
        var killed = 0;
        for (var call = 1; call <= MaxCalls; call++)
        {
            using Bench bench = new();
            bench.Systemd.KillAtCall = call;
            killed += await RunAsync(bench, () => { });
            Assert.Equal(1, bench.Systemd.Restarts);
            Assert.NotEqual(RestartState.Called, bench.Record!.State);
        }

        Assert.InRange(killed, 8, MaxCalls - 1);
    }

    [Fact]
    public async Task A_kill_at_any_call_leads_to_no_second_restart_of_a_unit_that_was_restarted_by_hand()
    {
        for (var call = 1; call <= MaxCalls; call++)
        {
            using Bench bench = new();
            bench.Systemd.KillAtCall = call;
            await RunAsync(
                bench,
                () =>
                {
                    bench.Systemd.RestartByHand();
                    bench.IsAlive = false;
                }
            );
            Assert.InRange(bench.Systemd.Restarts, 0, 1);
            Assert.True(bench.Record is null || bench.Record.State != RestartState.Called, $"call {call}");
        }
    }

    [Fact]
    public async Task A_kill_between_the_call_and_its_answer_leads_to_no_second_restart()
    {
        using Bench bench = new();
        bench.Systemd.KillAfterRestart = true;
        Assert.False(await bench.ScanAsync());
        Assert.Equal(RestartState.Called, bench.Record!.State);

        bench.Systemd.KillAfterRestart = false;
        bench.Percent = 5;
        await bench.ScanAsync(isWanted: false);
        await bench.ScanAsync(isWanted: false, after: TimeSpan.FromSeconds(5));
        await bench.ScanAsync(isWanted: false, after: TimeSpan.FromMinutes(70));
        Assert.Equal(1, bench.Systemd.Restarts);
        Assert.Equal(RestartResult.Helped, bench.Record!.Result);
        Assert.Equal("ForkRestart redis.service restarted by systemd; 95 of 100 tasks", bench.Events[0]);
    }

    [Fact]
    public async Task A_call_that_was_never_made_is_not_made_without_the_evidence()
    {
        for (var call = 1; call <= MaxCalls; call++)
        {
            using Bench bench = new();
            bench.Systemd.KillAtCall = call;
            await bench.ScanAsync();
            if (bench.Record?.State == RestartState.Called && bench.Systemd.Restarts == 0)
            {
                bench.Systemd.KillAtCall = 0;
                await bench.ScanAsync(isWanted: false, after: TimeSpan.FromMinutes(9));
                Assert.Equal(RestartState.Called, bench.Record!.State);
                await bench.ScanAsync(isWanted: false, after: TimeSpan.FromMinutes(2));
                Assert.Equal(RestartResult.CallFailed, bench.Record!.Result);
                Assert.Equal(0, bench.Systemd.Restarts);
                return;
            }
        }

        Assert.Fail("no kill left a record in state Called");
    }

    [Fact]
    public async Task A_call_that_was_never_made_is_made_once_the_evidence_is_there_again()
    {
        for (var call = 1; call <= MaxCalls; call++)
        {
            using Bench bench = new();
            bench.Systemd.KillAtCall = call;
            await bench.ScanAsync();
            if (bench.Record?.State == RestartState.Called && bench.Systemd.Restarts == 0)
            {
                bench.Systemd.KillAtCall = 0;
                await bench.ScanAsync(isWanted: false);
                await bench.ScanAsync(after: TimeSpan.FromMinutes(4));
                Assert.Equal(1, bench.Systemd.Restarts);
                return;
            }
        }

        Assert.Fail("no kill left a record in state Called");
    }

    /// <summary>Restarts the process if it is killed, and goes on until the unit runs again. Returns 1 if it was killed.</summary>
    private static async Task<int> RunAsync(Bench bench, Action onKill)
    {
        var killed = 0;
        for (var scan = 0; scan < 4; scan++)
        {
            if (!await bench.ScanAsync(isWanted: bench.Systemd.Restarts == 0))
            {
                killed = 1;
                onKill();
            }
        }

        return killed;
    }
}
