using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Host.Tests;

/// <summary>The clock of the machine is set while a restart is in its proof or its cooldown.</summary>
public sealed class ClockTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_clock_that_is_set_forward_while_the_watch_is_down_does_not_end_the_cooldown()
    {
        await _bench.ScanAsync();
        await _bench.ScanAsync(isWanted: false);
        _bench.Kill();
        _bench.ClockIsAhead = Hour * 2;
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(30));
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(20));
        Assert.Equal(1, _bench.Systemd.Restarts);
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(11));
        Assert.Equal(2, _bench.Systemd.Restarts);
    }

    [Fact]
    public async Task Another_boot_has_another_monotonic_clock_and_ends_no_cooldown_later()
    {
        await _bench.ScanAsync();
        await _bench.ScanAsync(isWanted: false);
        _bench.Kill();
        _bench.BootId = "boot-2";
        _bench.ClockIsAhead = Hour * 2;
        _bench.Systemd.RestartByHand();
        await _bench.ScanAsync();
        await _bench.ScanAsync();
        Assert.Equal(2, _bench.Systemd.Restarts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("boot-1")]
    [InlineData("boot-1 yesterday")]
    [InlineData("boot-1 0001-01-01T00:00:00.0000000+00:00")]
    [InlineData("boot-1 9999-12-31T23:59:59.0000000+00:00")]
    public async Task A_damaged_file_about_the_clock_neither_ends_the_watch_nor_the_cooldown(string text)
    {
        await _bench.ScanAsync();
        await _bench.ScanAsync(isWanted: false);
        _bench.Kill();
        await File.WriteAllTextAsync(
            Path.Combine(_bench.Folder!, "clock"),
            text,
            TestContext.Current.CancellationToken
        );
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(30));
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(20));
        Assert.Equal(1, _bench.Systemd.Restarts);
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(11));
        Assert.Equal(2, _bench.Systemd.Restarts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_clock_that_is_set_forward_does_not_complete_the_proof(bool isDown)
    {
        await _bench.ScanAsync();
        _bench.Percent = 5;
        await _bench.ScanAsync(isWanted: false);
        Assert.Equal(RestartState.Proving, _bench.Record!.State);
        if (isDown)
        {
            _bench.Kill();
        }

        _bench.ClockIsAhead = Hour * 3;
        await _bench.ScanAsync(isWanted: false);
        await _bench.ScanAsync(isWanted: false, after: TimeSpan.FromMinutes(50));
        Assert.Equal(RestartState.Proving, _bench.Record!.State);
        await _bench.ScanAsync(isWanted: false, after: TimeSpan.FromMinutes(10));
        Assert.Equal(RestartResult.Helped, _bench.Record!.Result);
    }

    [Fact]
    public async Task A_clock_that_is_set_forward_does_not_end_the_wait_for_the_unit()
    {
        await _bench.ScanAsync();
        _bench.Systemd.State = _bench.Systemd.State with { ActiveState = "activating", HasJob = true };
        await _bench.ScanAsync(isWanted: false);
        _bench.ClockIsAhead = Hour * 3;
        await _bench.ScanAsync(isWanted: false);
        Assert.Equal(RestartState.Replacing, _bench.Record!.State);
    }

    [Fact]
    public async Task A_clock_that_is_set_forward_by_a_day_does_not_make_ineffective_restarts_forgotten()
    {
        for (var round = 0; round < 4; round++)
        {
            await _bench.ScanAsync(after: TimeSpan.FromMinutes(61));
            await _bench.ScanAsync(isWanted: false);
            await _bench.ScanAsync(isWanted: false);
        }

        Assert.Equal(3, _bench.Systemd.Restarts);
        _bench.ClockIsAhead = TimeSpan.FromDays(2);
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(61));
        await _bench.ScanAsync();
        Assert.Equal(3, _bench.Systemd.Restarts);
        Assert.StartsWith(
            $"ForkRestartSuppressed redis.service {BlockReason.GaveUp}: ",
            _bench.Events[^1],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_clock_that_is_set_back_extends_no_cooldown_beyond_its_longest()
    {
        _bench.ClockIsAhead = TimeSpan.FromDays(1000);
        await _bench.ScanAsync();
        await _bench.ScanAsync(isWanted: false);
        _bench.ClockIsAhead = TimeSpan.Zero;
        await _bench.ScanAsync();
        await _bench.ScanAsync(after: TimeSpan.FromDays(6));
        Assert.Equal(1, _bench.Systemd.Restarts);
        await _bench.ScanAsync(after: TimeSpan.FromDays(1.1));
        Assert.Equal(2, _bench.Systemd.Restarts);
    }
}
