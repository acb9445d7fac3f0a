using System.Globalization;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>
/// Programs that save in mode 1, where accounting refuses nothing, in units of their own and with a <c>watch</c> that runs. The guest is
/// as it booted.
/// </summary>
internal sealed class RunningSaves(ConstraintMachine machine, ITestOutputHelper output)
{
    private const long Mebibyte = 1024 * 1024;
    private const long Pages = 40 * Mebibyte / GuestSaver.PageBytes;
    private const long RoomBytes = 24 * Mebibyte;
    private const long StepPages = 2 * Mebibyte / GuestSaver.PageBytes;

    /// <summary>A third of the room: the time left is short, and usage far below the level of a report.</summary>
    private const int Steps = 4;

    /// <summary>Above memory.high each batch of 64 pages waits, longer with the square of the excess.</summary>
    private const int ThrottledShare = 8;

    private const string AtRisk = "ForkSnapshotAtRisk";

    private Guest Guest => machine.Guest;

    /// <summary>One save runs out of room, one has room for everything, and one is throttled: time left means nothing there.</summary>
    internal async Task AssertWarnsAsync()
    {
        await Guest.SetModeAsync(1);
        var tight = await StartAsync(RoomBytes);
        var roomy = await StartAsync((Pages * GuestSaver.PageBytes) + RoomBytes);
        var throttled = machine.HasUnifiedCgroups
            ? await StartAsync(RoomBytes / ThrottledShare, isThrottled: true)
            : null;
        var watch = await RunningWatch.StartAsync(Guest, Initramfs.SaveManifest, output);
        List<GuestSaver> savers = [tight, roomy, .. throttled is null ? (GuestSaver[])[] : [throttled]];
        foreach (var saver in savers)
        {
            Assert.Equal(Errno.None, (await saver.Process.ForkAsync()).Error);
            await saver.DoAsync("first");
        }

        for (var step = 1; step <= Steps; step++)
        {
            foreach (var saver in savers)
            {
                var pages = saver == throttled ? StepPages / ThrottledShare : StepPages;
                Assert.True(await saver.RewriteAsync(step * pages), $"{machine.Name}: killed in step {step}");
            }

            await LetItScanAsync();
        }

        var warning = await watch.NextAsync();
        Assert.Equal((AtRisk, tight.Pid), (warning.Name, warning.Process?.Pid));
        AssertWarns(warning.Process!.Snapshot!);

        Assert.True(await roomy.RewriteAsync(Pages), $"{machine.Name}: killed with room for everything");
        Assert.False(await tight.RewriteAsync(Pages), $"{machine.Name}: not killed");
        Assert.InRange(
            await tight.RewrittenBytesAsync(),
            RoomBytes - (machine.Cpus * 64 * GuestSaver.PageBytes) - Mebibyte,
            RoomBytes + (machine.Cpus * 64 * GuestSaver.PageBytes)
        );
        Assert.DoesNotContain(await watch.ScanAsync(mode: 1), further => further.Name == AtRisk);
    }

    private void AssertWarns(ListedSnapshot snapshot)
    {
        Assert.InRange(
            snapshot.RoomBytes,
            RoomBytes - (Steps * StepPages * GuestSaver.PageBytes) - Mebibyte,
            RoomBytes
        );
        // A watch without a forecast warns of the last minute.
        Assert.InRange(snapshot.SecondsLeft!.Value, 1, 60);
        Assert.Equal(machine.HasUnifiedCgroups, snapshot.KillsContainer);
    }

    private async Task<GuestSaver> StartAsync(long room, bool isThrottled = false)
    {
        var cgroup = await machine.Cgroups.AddServiceAsync();
        var saver = await cgroup.StartSaverAsync();
        await saver.DoAsync(Text($"anon {Pages}"));
        var used = await cgroup.ReadAsync(CgroupLevel.Container, "memory.current");
        await cgroup.WriteAsync(CgroupLevel.Container, "memory.max", used + room);
        if (machine.HasUnifiedCgroups)
        {
            await cgroup.WriteAsync(CgroupLevel.Container, "memory.oom.group", 1);
        }

        if (isThrottled)
        {
            await cgroup.WriteAsync(CgroupLevel.Container, "memory.high", used - (Mebibyte / 4));
        }

        return saver;
    }

    /// <summary>Waits on the guest's clock for as long as a scan takes.</summary>
    private async Task LetItScanAsync()
    {
        var until = await Guest.UptimeAsync() + TimeSpan.FromSeconds(1);
        await Condition.HoldsAsync(
            async _ => await Guest.UptimeAsync() > until,
            "a scan",
            TimeSpan.FromMinutes(1),
            TestContext.Current.CancellationToken
        );
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
