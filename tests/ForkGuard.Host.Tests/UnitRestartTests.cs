using ForkGuard.Api;
using ForkGuard.Host.Systemd;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Host.Tests;

/// <summary>Restarts of a unit, from the evidence to the proof.</summary>
public sealed class UnitRestartTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Restarts_once_and_proves_that_it_helped()
    {
        await _bench.ScanAsync();
        Assert.Equal(1, _bench.Systemd.Restarts);
        Assert.Equal(RestartState.Replacing, _bench.Record!.State);

        _bench.Percent = 5;
        await _bench.ScanAsync(isWanted: false);
        Assert.Equal(RestartState.Proving, _bench.Record!.State);
        await _bench.ScanAsync(isWanted: false, after: TimeSpan.FromMinutes(61));

        Assert.Equal(RestartState.Idle, _bench.Record!.State);
        Assert.Equal(
            [
                "ForkRestart redis.service restarted by systemd; 95 of 100 tasks",
                "ForkRestartHelped redis.service Helped, unit redis.service stayed below 90 % for 60 min",
            ],
            _bench.Events
        );
        Assert.Equal("Restart", _bench.Record.History![0].Method.Text);
    }

    [Fact]
    public async Task Leaves_the_unit_alone_in_the_cooldown_though_it_grew_again()
    {
        await _bench.ScanAsync();
        await _bench.ScanAsync(isWanted: false);
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(5));
        await _bench.ScanAsync();
        Assert.Equal(1, _bench.Systemd.Restarts);
        Assert.Equal(RestartResult.DidNotHelp, _bench.Record!.Result);
        Assert.Contains(
            "ForkRestartIneffective redis.service DidNotHelp, unit redis.service reached 95 % again (actAtPercent is 90)",
            _bench.Events,
            StringComparer.Ordinal
        );
        Assert.StartsWith(
            "ForkRestartSuppressed redis.service Cooldown: a restart was requested at 00:00:05 UTC",
            _bench.Events[^1],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Restarts_again_after_the_cooldown_and_gives_up_after_ineffective_restarts()
    {
        for (var round = 0; round < 5; round++)
        {
            await _bench.ScanAsync(after: TimeSpan.FromMinutes(61));
            await _bench.ScanAsync(isWanted: false);
            await _bench.ScanAsync(isWanted: false);
        }

        Assert.Equal(3, _bench.Systemd.Restarts);
        Assert.Equal(
            "ForkRestartSuppressed redis.service GaveUp: 3 restarts within a day did not help (restart.maxIneffectiveRestarts is 3)",
            _bench.Events[^1]
        );
    }

    [Fact]
    public async Task A_unit_that_fails_to_start_again_is_given_up_at_once()
    {
        _bench.Systemd.FailsToStart = true;
        await _bench.ScanAsync();
        await _bench.ScanAsync(isWanted: false);
        Assert.Equal(
            "ForkRestartIneffective redis.service NotReplaced, unit redis.service failed to start again (exit-code), and "
                + "forkguard gives up; see `systemctl status redis.service`",
            _bench.Events[^1]
        );
        Assert.Equal(RestartState.Idle, _bench.Record!.State);
        Assert.Equal(1, _bench.Systemd.Restarts);
    }

    [Fact]
    public async Task A_dry_run_restarts_nothing()
    {
        _bench.IsDryRun = true;
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        Assert.Equal(
            ["ForkRestartSuppressed redis.service DryRun: would restart it by Restart; 95 of 100 tasks"],
            _bench.Events
        );
    }

    [Theory]
    [InlineData(BlockReason.Paused)]
    [InlineData(BlockReason.NotGrowing)]
    [InlineData(BlockReason.WhatIf)]
    public async Task What_the_evaluation_has_against_it_counts(BlockReason reason)
    {
        _bench.BlockedBy = [reason];
        await _bench.ScanAsync();
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        Assert.StartsWith(
            $"ForkRestartSuppressed redis.service {reason}: ",
            Assert.Single(_bench.Events),
            StringComparison.Ordinal
        );
    }

    public static TheoryData<string> Obstacles =>
        ["Static", "Static2", "Critical", "Unmanaged", "Masked", "Job", "Terminating"];

    [Theory]
    [MemberData(nameof(Obstacles))]
    public async Task The_state_of_the_unit_counts(string obstacle)
    {
        var unit = _bench.Systemd.State;
        _bench.Systemd.State = obstacle switch
        {
            "Static" => unit with { RefusesManualStop = true },
            "Static2" => unit with { CanStart = false },
            "Critical" => unit with { Names = ["redis.service", "dbus.service"] },
            "Unmanaged" => unit with { LoadState = "not-found" },
            "Masked" => unit with { LoadState = "masked" },
            "Job" => unit with { Type = "oneshot" },
            _ => unit with { HasJob = true },
        };
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        var reason = obstacle switch
        {
            "Static2" => "Static",
            "Masked" => "Unmanaged: unit redis.service is masked; `systemctl unmask redis.service`",
            _ => obstacle,
        };
        Assert.Contains(reason, Assert.Single(_bench.Events), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dropbear.service")]
    [InlineData("dropbear@1-10.0.0.1:22-10.0.0.2:40000.service")]
    [InlineData("greetd.service")]
    [InlineData("sssd.service")]
    [InlineData("sssd-nss.service")]
    [InlineData("netfilter-persistent.service")]
    [InlineData("wg-quick@wg0.service")]
    public async Task Logins_and_the_network_are_critical(string name)
    {
        _bench.Systemd.State = _bench.Systemd.State with { Names = [FakeSystemd.Unit, name] };
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        Assert.Contains("Critical", Assert.Single(_bench.Events), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_restarted_outside_the_windows()
    {
        _bench.Policy = _bench.Policy with { Windows = [new RestartWindow { Start = "02:00", End = "03:00" }] };
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(125));
        Assert.Equal(1, _bench.Systemd.Restarts);
    }

    [Fact]
    public async Task A_process_of_a_user_manager_with_a_unit_of_the_same_name_restarts_nothing()
    {
        _bench.Systemd.ActualUnit = "user@1000.service";
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        Assert.Equal(
            [
                "ForkRestartSuppressed redis.service ReportMismatch: process 4711 runs in user@1000.service and not in redis.service of the system",
            ],
            _bench.Events
        );
    }

    [Fact]
    public async Task A_process_that_has_ended_restarts_nothing()
    {
        _bench.IsAlive = false;
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        Assert.Null(_bench.Record);
    }

    [Fact]
    public async Task A_refusal_is_emitted_with_its_cure_and_not_asked_again_at_once()
    {
        _bench.Systemd.Refusal = new SystemdException("polkit denies it") { IsRefusal = true };
        await _bench.ScanAsync();
        await _bench.ScanAsync();
        Assert.Equal(["ForkRestartSuppressed redis.service Refused: polkit denies it"], _bench.Events);
        Assert.Null(_bench.Record!.Cooldown);

        _bench.Systemd.Refusal = null;
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(10));
        Assert.Equal(1, _bench.Systemd.Restarts);
    }

    [Fact]
    public async Task A_unit_that_systemd_does_not_know_is_emitted_at_the_start()
    {
        _bench.Named = "redsi.service";
        await _bench.ScanAsync(isWanted: false);
        await _bench.ScanAsync(isWanted: false);
        Assert.Equal(
            [
                "ForkRestartSuppressed redsi.service Unmanaged: systemd knows no unit redsi.service; compare its name with `systemctl list-units`",
            ],
            _bench.Events
        );
    }

    [Fact]
    public async Task Without_a_state_directory_nothing_is_restarted()
    {
        _bench.HasFolder = false;
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        Assert.Contains("set --state DIRECTORY", Assert.Single(_bench.Events), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_directory_that_another_process_uses_restarts_nothing()
    {
        using var other = new Records.RecordStore(_bench.Folder!);
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        Assert.Contains(
            "Unavailable: the state directory cannot be used",
            Assert.Single(_bench.Events),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_state_directory_that_is_removed_meanwhile_ends_nothing()
    {
        await _bench.ScanAsync(isWanted: false);
        Directory.Delete(_bench.Folder!, recursive: true);
        await _bench.ScanAsync();
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        Assert.StartsWith(
            "ForkRestartSuppressed redis.service Unavailable: ",
            Assert.Single(_bench.Events),
            StringComparison.Ordinal
        );
        Directory.CreateDirectory(_bench.Folder!);
        await _bench.ScanAsync();
        Assert.Equal(1, _bench.Systemd.Restarts);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_holds_back_its_unit()
    {
        await _bench.ScanAsync();
        _bench.Kill();
        var file = Assert.Single(Directory.GetFiles(_bench.Folder!, "*.json"));
        await File.WriteAllTextAsync(file, "{", TestContext.Current.CancellationToken);
        await _bench.ScanAsync(after: TimeSpan.FromDays(1));
        Assert.Equal(1, _bench.Systemd.Restarts);
        Assert.Contains("repair it or move it away", _bench.Events[^1], StringComparison.Ordinal);
    }
}
