using ForkGuard.Testing;

namespace ForkGuard.Host.Tests;

/// <summary>The published <c>watch</c> with <c>action: Restart</c>, as far as no evidence is needed.</summary>
[Trait("Needs", "Machine")]
public sealed class PublishedWatchTests : IDisposable
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-watch-");

    private string State => Path.Combine(_folder.FullName, "state");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_masked_unit_is_emitted_with_its_cure()
    {
        await using var bus = await BusDaemon.StartAsync(Check.Stop);
        using var systemd = await bus.OwnSystemdAsync(new FakeSystemdOnBus { LoadState = "masked" });
        await using var watch = Start(bus.Address, "action: Restart");
        await HasLineAsync(
            watch,
            "ForkRestartSuppressed redis.service: Unmanaged: unit redis.service is masked; `systemctl unmask redis.service`"
        );
        Assert.True(Directory.Exists(State));
        var maps = await File.ReadAllTextAsync($"/proc/{watch.Pid}/maps", Check.Stop);
        Assert.DoesNotContain("libcrypto", maps, Ordinal);
    }

    [Fact]
    public async Task Without_a_bus_the_watch_goes_on_and_uses_it_once_it_is_there()
    {
        var address = $"unix:path={_folder.FullName}/socket";
        await using var watch = Start(address, "action: Restart");
        await HasLineAsync(watch, $"redis.service: Unavailable: the system bus at {address} cannot be used");
        await using var bus = await BusDaemon.StartAsync(Check.Stop, _folder.FullName);
        using var systemd = await bus.OwnSystemdAsync(new FakeSystemdOnBus { LoadState = "not-found" });
        await HasLineAsync(watch, "redis.service: Unmanaged: systemd knows no unit redis.service");
    }

    [Fact]
    public async Task A_unit_is_read_again_once_systemd_is_on_the_bus()
    {
        await using var bus = await BusDaemon.StartAsync(Check.Stop);
        await using var watch = Start(bus.Address, "action: Restart");
        await HasLineAsync(watch, "redis.service: Unavailable: no systemd on the system bus");
        using var systemd = await bus.OwnSystemdAsync(new FakeSystemdOnBus { LoadState = "not-found" });
        await HasLineAsync(watch, "redis.service: Unmanaged: systemd knows no unit redis.service");
    }

    [Fact]
    public async Task Without_a_state_directory_the_cure_is_emitted()
    {
        await using var watch = ForkGuardProcess.Start(["watch", "-f", Manifest("action: Restart"), "--interval", "1"]);
        await HasLineAsync(watch, "redis.service: Unavailable: there is no state directory");
    }

    [Fact]
    public async Task A_watch_that_restarts_nothing_makes_no_state_directory_and_uses_no_bus()
    {
        await using var bus = await BusDaemon.StartAsync(Check.Stop);
        FakeSystemdOnBus manager = new();
        using var systemd = await bus.OwnSystemdAsync(manager);
        await using var watch = Start(bus.Address, "action: Event");
        await HasLineAsync(watch, "first scan");
        await watch.InterruptAsync(Check.Stop);
        await watch.WaitForExitAsync(Check.Stop);
        Assert.False(Directory.Exists(State));
        Assert.Empty(manager.Calls);
    }

    [Fact]
    public async Task The_header_names_the_units_to_restart()
    {
        await using var watch = Start("unix:path=/no/such/socket", "action: Restart\n  restart: {dryRun: true}");
        await HasLineAsync(watch, "hold 120 s, restart redis.service at 90 % (dry run)");
    }

    private static Task<string> HasLineAsync(ForkGuardProcess watch, string text) =>
        watch.WaitForLineAsync(line => line.Contains(text, Ordinal), cancellationToken: Check.Stop);

    private ForkGuardProcess Start(string bus, string spec) =>
        ForkGuardProcess.Start(
            ["watch", "-f", Manifest(spec), "--interval", "1", "--state", State],
            environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["DBUS_SYSTEM_BUS_ADDRESS"] = bus }
        );

    private string Manifest(string spec)
    {
        var path = Path.Combine(_folder.FullName, "watch.yaml");
        File.WriteAllText(
            path,
            $"""
            apiVersion: forkguard.io/v1alpha1
            kind: ClusterForkWatch
            metadata:
              name: host
            spec:
              hostProcesses: {"{"}units: [redis.service]{"}"}
              {spec}

            """
        );
        return path;
    }
}
