using ForkGuard.Api;
using ForkGuard.Host.Systemd;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Host.Tests;

/// <summary>Events of what holds a restart back: each reason once, and again only after it has ended.</summary>
public sealed class BlockedEventTests : IDisposable
{
    private const string Suppressed = "ForkRestartSuppressed redis.service ";

    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_scan_that_measured_nothing_again_changes_no_reason()
    {
        BlockReason[][] reasons =
        [
            [BlockReason.NotRemeasured, BlockReason.NotGrowing],
            [BlockReason.NotGrowing],
            [BlockReason.NotRemeasured],
        ];
        for (var scan = 0; scan < 21; scan++)
        {
            _bench.BlockedBy = reasons[scan % reasons.Length];
            await _bench.ScanAsync();
        }

        Assert.StartsWith($"{Suppressed}NotGrowing: ", Assert.Single(_bench.Events), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scan_that_measured_nothing_again_does_not_end_a_cooldown()
    {
        await _bench.ScanAsync();
        await _bench.ScanAsync(isWanted: false);
        for (var scan = 0; scan < 20; scan++)
        {
            _bench.BlockedBy = scan % 2 == 0 ? [] : [BlockReason.NotRemeasured];
            await _bench.ScanAsync();
        }

        Assert.StartsWith(
            $"{Suppressed}Cooldown: ",
            Assert.Single(_bench.Events, text => text.StartsWith(Suppressed, StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_usage_that_is_never_measured_again_is_emitted_once()
    {
        _bench.BlockedBy = [BlockReason.NotRemeasured];
        await _bench.ScanAsync();
        await _bench.ScanAsync();
        Assert.StartsWith($"{Suppressed}NotRemeasured: ", Assert.Single(_bench.Events), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evidence_that_goes_while_systemd_answers_ends_no_reason()
    {
        _bench.BlockedBy = [BlockReason.NotGrowing];
        for (var scan = 0; scan < 6; scan++)
        {
            _bench.Systemd.OnRead = scan % 2 == 0 ? () => { } : () => _bench.ScanMeanwhile(isWanted: false);
            await _bench.ScanAsync();
        }

        Assert.StartsWith($"{Suppressed}NotGrowing: ", Assert.Single(_bench.Events), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, 1)]
    [InlineData(11, 2)]
    public async Task A_unit_that_is_wanted_again_after_ten_minutes_is_held_back_again(int minutes, int expected)
    {
        _bench.BlockedBy = [BlockReason.NotGrowing];
        await _bench.ScanAsync();
        await _bench.ScanAsync(isWanted: false, after: TimeSpan.FromMinutes(minutes));
        await _bench.ScanAsync();
        await _bench.ScanAsync();
        Assert.Equal(expected, _bench.Events.Count);
    }

    [Fact]
    public async Task A_unit_that_stays_wanted_is_held_back_once_however_rare_the_scans()
    {
        _bench.BlockedBy = [BlockReason.NotGrowing];
        _bench.Interval = TimeSpan.FromHours(1);
        for (var scan = 0; scan < 5; scan++)
        {
            await _bench.ScanAsync(after: _bench.Interval);
        }

        Assert.Single(_bench.Events);
    }

    [Fact]
    public async Task An_unreadable_record_is_emitted_after_a_boot_without_systemd()
    {
        _bench.Systemd.ReadFailure = new SystemdException("no systemd on the system bus");
        await _bench.ScanAsync(isWanted: false);
        Assert.Equal([$"{Suppressed}Unavailable: no systemd on the system bus"], _bench.Events);

        _bench.Systemd.ReadFailure = null;
        await _bench.ScanAsync(isWanted: false);
        Assert.Single(_bench.Events);

        await WriteRecordAsync("{");
        await _bench.ScanAsync();
        Assert.Equal(2, _bench.Events.Count);
        Assert.Contains("repair it or move it away", _bench.Events[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_error_is_emitted_again_once_a_check_found_none_in_between()
    {
        _bench.Systemd.ReadFailure = new SystemdException("no systemd on the system bus");
        await _bench.ScanAsync(isWanted: false);
        var failure = _bench.Systemd.ReadFailure;
        _bench.Systemd.ReadFailure = null;
        await _bench.ScanAsync(isWanted: false);
        _bench.Systemd.ReadFailure = failure;
        await _bench.ScanAsync();
        await _bench.ScanAsync();
        Assert.Equal(2, _bench.Events.Count);
    }

    [Fact]
    public async Task Causes_that_alternate_are_emitted_once_each()
    {
        for (var scan = 0; scan < 20; scan++)
        {
            _bench.Systemd.ReadFailure = new SystemdException($"cause {scan % 2}");
            await _bench.ScanAsync();
        }

        Assert.Equal([$"{Suppressed}Unavailable: cause 0", $"{Suppressed}Unavailable: cause 1"], _bench.Events);
    }

    [Fact]
    public async Task A_cause_that_differs_at_each_scan_is_emitted_a_few_times_only()
    {
        for (var scan = 0; scan < 50; scan++)
        {
            _bench.Systemd.ReadFailure = new SystemdException($"cause {scan}");
            await _bench.ScanAsync();
        }

        Assert.InRange(_bench.Events.Count, 2, 10);
    }

    [Fact]
    public async Task A_state_directory_that_fails_twice_is_emitted_twice()
    {
        await _bench.ScanAsync(isWanted: false);
        for (var failure = 0; failure < 2; failure++)
        {
            Directory.Delete(_bench.Folder!, recursive: true);
            await _bench.ScanAsync();
            await _bench.ScanAsync();
            Directory.CreateDirectory(_bench.Folder!);
            await _bench.ScanAsync(isWanted: false);
        }

        Assert.Equal(2, _bench.Events.Count);
        Assert.Equal(_bench.Events[0], _bench.Events[1]);
    }

    [Fact]
    public async Task A_pending_job_that_a_restart_would_cancel_leaves_the_record_as_it_was()
    {
        await _bench.ScanAsync();
        await _bench.ScanAsync(isWanted: false);
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(50));
        var cooldown = _bench.Record!.Cooldown;
        Assert.NotNull(cooldown);

        _bench.Systemd.Refusal = new SystemdException("the restart would cancel a pending job") { IsRefusal = true };
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(20));
        Assert.Equal(2, _bench.Systemd.Requests);
        Assert.Equal(1, _bench.Systemd.Restarts);
        Assert.Equal(RestartState.Idle, _bench.Record!.State);
        Assert.Equal(cooldown, _bench.Record!.Cooldown);
        Assert.Equal($"{Suppressed}Refused: the restart would cancel a pending job", _bench.Events[^1]);
    }

    private Task WriteRecordAsync(string text) =>
        File.WriteAllTextAsync(
            Path.Combine(_bench.Folder!, $"{FakeSystemd.Unit}.json"),
            text,
            TestContext.Current.CancellationToken
        );
}
