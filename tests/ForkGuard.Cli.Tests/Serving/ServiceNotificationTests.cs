using System.Globalization;
using System.Text.RegularExpressions;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests.Serving;

/// <summary><c>watch</c> as a service of systemd (sd_notify(3)).</summary>
[Trait("Needs", "Machine")]
public sealed partial class ServiceNotificationTests
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_reload_and_stop_are_notified_in_order(bool isAbstract)
    {
        using var socket = new NotifySocket(isAbstract);
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = Start(folder, socket.Environment(), interval: 1);
        Assert.Matches(@"^READY=1\nSTATUS=\d+ processes, 0 at risk", await socket.WaitForAsync("READY=1"));

        var before = TimeProvider.System.GetTimestamp();
        await watch.SignalAsync("HUP", Check.Stop);
        var reloading = await socket.WaitForAsync("RELOADING=1");
        var microseconds = long.Parse(
            MonotonicTime().Match(reloading).Groups["time"].Value,
            CultureInfo.InvariantCulture
        );
        Assert.InRange(microseconds, before / 1000, TimeProvider.System.GetTimestamp() / 1000);
        await socket.WaitForAsync("READY=1");

        await watch.SignalAsync("TERM", Check.Stop);
        await socket.WaitForAsync("STOPPING=1");
        Assert.Equal(0, await watch.WaitForExitAsync(Check.Stop));
        Assert.Equal("", watch.Errors);
    }

    [Fact]
    public async Task The_watchdog_is_reset_between_scans_that_are_far_apart()
    {
        using var socket = new NotifySocket(isAbstract: false);
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = Start(folder, socket.Environment(Watchdog), interval: 3600);
        await socket.WaitForAsync("READY=1");
        for (var resets = 0; resets < 3; resets++)
        {
            await socket.WaitForAsync("WATCHDOG=1");
        }
    }

    [Fact]
    public async Task A_failed_reload_is_in_the_status()
    {
        using var socket = new NotifySocket(isAbstract: false);
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = Start(folder, socket.Environment(), interval: 1);
        await socket.WaitForAsync("READY=1");
        folder.Write("wrong.yaml", WatchFolder.Manifest("ClusterForkWatch", "wrong", "colour: red"));
        await watch.SignalAsync("HUP", Check.Stop);
        await socket.WaitForAsync("RELOADING=1");
        Assert.EndsWith("; 1 manifest error", await socket.WaitForAsync("READY=1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_manager_that_is_gone_is_reported_once_and_scans_go_on()
    {
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["NOTIFY_SOCKET"] = Path.Combine(folder.Root, "no-socket"),
            ["WATCHDOG_USEC"] = "100000",
        };
        await using var watch = Start(folder, environment, interval: 1);
        await watch.WaitForLineAsync(
            line => line.StartsWith("first scan: ", StringComparison.Ordinal),
            cancellationToken: Check.Stop
        );
        await watch.SignalAsync("HUP", Check.Stop);
        await watch.WaitForLineAsync(
            line => line.EndsWith(" manifests reloaded", StringComparison.Ordinal),
            cancellationToken: Check.Stop
        );
        await watch.SignalAsync("TERM", Check.Stop);
        Assert.Equal(0, await watch.WaitForExitAsync(Check.Stop));
        Assert.Single(watch.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("forkguard: NOTIFY_SOCKET: ", watch.Errors, StringComparison.Ordinal);
    }

    private static ForkGuardProcess Start(
        WatchFolder folder,
        IReadOnlyDictionary<string, string> environment,
        int interval
    ) =>
        ForkGuardProcess.Start(
            ["watch", "-f", folder.Root, "--interval", Check.Text(interval)],
            environment: environment
        );

    [GeneratedRegex(@"^MONOTONIC_USEC=(?<time>\d+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex MonotonicTime();
}
