using ForkGuard.Host.Systemd;
using ForkGuard.Testing;

namespace ForkGuard.Host.Tests;

/// <summary>Calls of systemd over a real bus.</summary>
public sealed class SystemdBusTests : IAsyncLifetime
{
    private readonly FakeSystemdOnBus _manager = new();
    private BusDaemon _bus = null!;
    private Tmds.DBus.Protocol.DBusConnection _server = null!;
    private ISystemd _systemd = null!;

    public async ValueTask InitializeAsync()
    {
        _bus = await BusDaemon.StartAsync(Check.Stop);
        _server = await _bus.OwnSystemdAsync(_manager);
        _systemd = await SystemdBus.ConnectAsync(_bus.Address, TimeSpan.FromSeconds(2), Check.Stop);
    }

    public async ValueTask DisposeAsync()
    {
        _systemd.Dispose();
        _server.Dispose();
        await _bus.DisposeAsync();
    }

    [Fact]
    public async Task Reads_a_unit()
    {
        var unit = await _systemd.ReadAsync("redis.service", Check.Stop);
        Assert.Equal("redis.service", unit.Id);
        Assert.Equal(["redis.service", "redis-server.service"], unit.Names);
        Assert.Equal("ab01", unit.InvocationId);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1), unit.StartedTime);
        Assert.False(unit.HasJob);
        Assert.True(unit.CanStart);
        Assert.False(unit.RefusesManualStart);
        Assert.True(unit.RefusesManualStop);
        Assert.Equal("notify", unit.Type);
        Assert.Equal(TimeSpan.FromDays(1), unit.StartTimeout);
        Assert.Equal(TimeSpan.FromSeconds(90), unit.StopTimeout);
    }

    [Fact]
    public async Task A_unit_without_a_property_is_an_error()
    {
        _manager.IsUnknown = true;
        var failed = await Assert.ThrowsAsync<SystemdException>(() => _systemd.ReadAsync("redis.service", Check.Stop));
        Assert.Contains("RefuseManualStart", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finds_the_unit_of_a_process()
    {
        Assert.Equal("redis.service", await _systemd.UnitOfProcessAsync(4711, Check.Stop));
        Assert.Null(await _systemd.UnitOfProcessAsync(4712, Check.Stop));
    }

    [Fact]
    public async Task Restarts_a_unit_only_if_it_runs()
    {
        await _systemd.RestartAsync("redis.service", Check.Stop);
        Assert.Contains("TryRestartUnit", _manager.Calls, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_restart_cancels_no_job_that_is_pending()
    {
        await _systemd.RestartAsync("redis.service", Check.Stop);
        Assert.Equal("fail", _manager.Mode);
    }

    [Fact]
    public async Task A_pending_job_that_a_restart_would_cancel_is_a_refusal_with_its_cause()
    {
        const string Cause =
            "Transaction for redis.service/restart is destructive (redis.service has 'stop' job queued, but 'start' is "
            + "included in transaction).";
        _manager.Error = ("org.freedesktop.systemd1.TransactionIsDestructive", Cause);
        var refused = await Assert.ThrowsAsync<SystemdException>(() =>
            _systemd.RestartAsync("redis.service", Check.Stop)
        );
        Assert.True(refused.IsRefusal);
        Assert.Equal(
            $"the restart would cancel a pending job of systemd ({Cause}); see `systemctl list-jobs`",
            refused.Message
        );
    }

    [Theory]
    [InlineData("org.freedesktop.DBus.Error.AccessDenied", true)]
    [InlineData("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", true)]
    [InlineData("org.freedesktop.systemd1.UnitMasked", false)]
    public async Task A_refusal_has_its_cause_and_a_denial_its_cure(string name, bool isDenial)
    {
        _manager.Error = (name, "no reason given");
        var refused = await Assert.ThrowsAsync<SystemdException>(() =>
            _systemd.RestartAsync("redis.service", Check.Stop)
        );
        Assert.True(refused.IsRefusal);
        Assert.Contains("no reason given", refused.Message, StringComparison.Ordinal);
        Assert.Equal(isDenial, refused.Message.Contains("polkit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_restart_without_an_answer_is_no_refusal()
    {
        _manager.IsSilent = true;
        var unknown = await Assert.ThrowsAsync<SystemdException>(() =>
            _systemd.RestartAsync("redis.service", Check.Stop)
        );
        Assert.False(unknown.IsRefusal);
    }

    [Fact]
    public async Task A_bus_that_ends_is_no_refusal()
    {
        await _bus.DisposeAsync();
        var failed = await Assert.ThrowsAsync<SystemdException>(() => _systemd.ReadAsync("redis.service", Check.Stop));
        Assert.False(failed.IsRefusal);
        _bus = await BusDaemon.StartAsync(Check.Stop);
    }

    [Fact]
    public async Task A_bus_without_systemd_is_an_error_and_no_refusal()
    {
        await using var bus = await BusDaemon.StartAsync(Check.Stop);
        using var systemd = await SystemdBus.ConnectAsync(bus.Address, TimeSpan.FromSeconds(2), Check.Stop);
        var failed = await Assert.ThrowsAsync<SystemdException>(() => systemd.ReadAsync("redis.service", Check.Stop));
        Assert.False(failed.IsRefusal);
        Assert.Contains("no systemd on the system bus", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("org.freedesktop.DBus.Error.NameHasNoOwner")]
    [InlineData("org.freedesktop.DBus.Error.Spawn.ChildExited")]
    [InlineData("org.freedesktop.DBus.Error.TimedOut")]
    public async Task The_answer_of_a_bus_without_systemd_is_no_refusal(string name)
    {
        _manager.Error = (name, "no reason given");
        var failed = await Assert.ThrowsAsync<SystemdException>(() =>
            _systemd.RestartAsync("redis.service", Check.Stop)
        );
        Assert.False(failed.IsRefusal);
        Assert.Contains("no systemd on the system bus (no reason given)", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unix:path=/no/such/socket")]
    [InlineData("nonsense")]
    public async Task No_bus_is_an_error_with_its_cure(string address)
    {
        var failed = await Assert.ThrowsAsync<SystemdException>(() =>
            SystemdBus.ConnectAsync(address, TimeSpan.FromSeconds(2), Check.Stop)
        );
        Assert.Contains($"the system bus at {address} cannot be used", failed.Message, StringComparison.Ordinal);
    }
}
