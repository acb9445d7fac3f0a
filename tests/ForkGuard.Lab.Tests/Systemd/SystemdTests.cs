using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Systemd;

/// <summary>
/// Restarts of units by a real systemd: the package, daemons that grow, and forkguard killed in between. The journals
/// are in artifacts/lab/systemd.journal.
/// </summary>
public sealed class SystemdTests
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    // Two minutes, and a few scans more.
    private const int SettlesInSeconds = 150;
    private const string Forkguard = "journalctl --no-pager -o cat -u forkguard";

    [Fact(Explicit = true)]
    public Task A_mapping_in_mode_0_and_forkguard_killed_around_the_call() =>
        InGuestAsync(async guest =>
        {
            await guest.RunAsync("sysctl -w vm.overcommit_memory=0");
            await guest.RunAsync("systemctl start lab-map lab-before lab-after lab-hand");
            await guest.RunAsync("systemctl start lab-forkguard@before lab-forkguard@after lab-forkguard@hand");
            await KilledBeforeTheCallAsync(guest);
            await IsRestartedOnceAsync(guest, "lab-map");
            await KilledAfterTheCallAsync(guest);
            await RestartedByHandAsync(guest);
            await EvidenceComesBackAsync(guest);
            await IsLeftAloneAsync(guest, "lab-map", "Cooldown");
            Assert.Equal(2, await StartsAsync(guest, "lab-before"));
        });

    [Fact(Explicit = true)]
    public Task Pids_in_mode_1_a_unit_that_does_not_start_again_and_one_that_polkit_denies() =>
        InGuestAsync(async guest =>
        {
            await guest.RunAsync("sysctl -w vm.overcommit_memory=1");
            await guest.RunAsync("systemctl start lab-tasks lab-fails lab-denied");
            await guest.RunAsync("touch /run/lab-broken");
            await IsRestartedOnceAsync(guest, "lab-tasks");
            await IsGivenUpAsync(guest);
            await IsDeniedAsync(guest);
            await IsLeftAloneAsync(guest, "lab-tasks", "Cooldown");
            await SystemdPackage.UpgradeAndRemoveAsync(guest);
        });

    private static async Task InGuestAsync(Func<SystemdGuest, Task> scenes)
    {
        await using var guest = await SystemdGuest.BootAsync();
        try
        {
            await InstallAsync(guest);
            await scenes(guest);
        }
        finally
        {
            await KeepJournalAsync(guest);
        }
    }

    /// <summary>The package installs, runs and emits what is wrong with the units that its manifest names.</summary>
    private static async Task InstallAsync(SystemdGuest guest)
    {
        await guest.RunAsync("mkdir -p /etc/forkguard /etc/default /etc/polkit-1/rules.d");
        await guest.RunAsync("cp /lab/50-lab.rules /etc/polkit-1/rules.d/ && chmod 644 /etc/polkit-1/rules.d/*");
        await guest.RunAsync("dpkg --install /lab/forkguard.deb");
        await guest.RunAsync("ln -s /dev/null /etc/systemd/system/lab-masked.service");
        await WriteManifestAsync(
            guest,
            "/etc/forkguard/lab.yaml",
            "lab-map.service, lab-tasks.service, lab-fails.service, lab-denied.service, lab-unknown.service, lab-masked.service"
        );
        foreach (var name in (string[])["before", "after", "hand"])
        {
            await WriteManifestAsync(guest, $"/lab/{name}.yaml", $"lab-{name}.service");
            await guest.RunAsync($"echo FORKGUARD_CRASH={(name == "after" ? "after" : "before")} > /lab/crash-{name}");
        }

        await guest.RunAsync($"echo '{SystemdPackage.ChangedOptions}' > /etc/default/forkguard");
        await guest.RunAsync("systemctl daemon-reload && systemctl restart forkguard && systemctl is-active forkguard");
        await guest.WaitAsync(
            Forkguard,
            journal =>
                journal.Contains("lab-unknown.service: Unmanaged: systemd knows no unit", Ordinal)
                && journal.Contains("lab-masked.service: Unmanaged: unit lab-masked.service is masked", Ordinal),
            "the unknown and the masked unit are emitted"
        );
    }

    private static Task<string> WriteManifestAsync(SystemdGuest guest, string path, string units)
    {
        string[] lines =
        [
            "apiVersion: forkguard.io/v1alpha1",
            "kind: ClusterForkWatch",
            "metadata: {name: lab}",
            "spec:",
            $"  hostProcesses: {{units: [{units}]}}",
            "  holdSeconds: 2",
            "  action: Restart",
        ];
        return guest.RunAsync($"printf '%s\\n' {string.Join(' ', lines.Select(line => $"'{line}'"))} > {path}");
    }

    /// <summary>A warning, one restart, and no refused fork.</summary>
    private static async Task IsRestartedOnceAsync(SystemdGuest guest, string unit)
    {
        var journal = await guest.WaitAsync(
            Forkguard,
            text => text.Contains($"ForkRestart {unit}.service: restarted by systemd", Ordinal),
            $"{unit} is restarted"
        );
        var lines = journal.Split('\n').ToList();
        var warning = lines.FindIndex(line => line.Contains(" ForkAtRisk ", Ordinal) && line.Contains(unit, Ordinal));
        var restart = lines.FindIndex(line => line.Contains($" ForkRestart {unit}.service", Ordinal));
        Assert.True(warning >= 0 && warning < restart, journal);
        Assert.Equal(2, await StartsAsync(guest, unit));
    }

    /// <summary>It grew again, and is not restarted before the cooldown is over.</summary>
    private static async Task IsLeftAloneAsync(SystemdGuest guest, string unit, string gate)
    {
        await guest.WaitAsync(
            Forkguard,
            journal =>
                journal.Contains($"ForkRestartIneffective {unit}.service: DidNotHelp", Ordinal)
                && journal.Contains($"ForkRestartSuppressed {unit}.service: {gate}", Ordinal),
            $"{unit} grew again and is left alone"
        );
        Assert.Equal(2, await StartsAsync(guest, unit));
        Assert.Equal("active", (await guest.RunAsync($"systemctl is-active {unit}")).Trim());
    }

    /// <summary>Killed between the call and its answer: the restart is found by the invocation, and not done again.</summary>
    private static async Task KilledAfterTheCallAsync(SystemdGuest guest)
    {
        await IsKilledAsync(guest, "after");
        Assert.Contains("\"state\":\"Called\"", await RecordAsync(guest, "after"), Ordinal);
        await guest.RunAsync("systemctl start lab-forkguard@after");
        await HasStateAsync(guest, "after", "Proving");
        Assert.Equal(2, await StartsAsync(guest, "lab-after"));
    }

    /// <summary>Killed between intent and call: the unit was not restarted, and grows no more.</summary>
    private static async Task KilledBeforeTheCallAsync(SystemdGuest guest)
    {
        await IsKilledAsync(guest, "before");
        await guest.RunAsync("systemctl kill --kill-whom=main --signal=STOP lab-before");
        Assert.Contains("\"state\":\"Called\"", await RecordAsync(guest, "before"), Ordinal);
        Assert.Equal(1, await StartsAsync(guest, "lab-before"));
        await guest.RunAsync("systemctl start lab-forkguard@before");
    }

    /// <summary>The unit is at the same level for long enough to count as settled, and grows again: it is restarted once.</summary>
    private static async Task EvidenceComesBackAsync(SystemdGuest guest)
    {
        await guest.WaitAsync(
            "echo $(($(cut -d. -f1 /proc/uptime) - $(systemctl show -P ActiveEnterTimestampMonotonic lab-forkguard@before) / 1000000))",
            seconds => int.Parse(seconds, CultureInfo.InvariantCulture) >= SettlesInSeconds,
            "the usage of lab-before settled"
        );
        Assert.Contains("\"state\":\"Called\"", await RecordAsync(guest, "before"), Ordinal);
        Assert.Equal(1, await StartsAsync(guest, "lab-before"));
        await guest.RunAsync("systemctl kill --kill-whom=main --signal=CONT lab-before");
        await HasStateAsync(guest, "before", "Proving");
        Assert.Equal(2, await StartsAsync(guest, "lab-before"));
    }

    /// <summary>Killed between intent and call, and the unit is restarted by hand meanwhile: that is enough.</summary>
    private static async Task RestartedByHandAsync(SystemdGuest guest)
    {
        await IsKilledAsync(guest, "hand");
        await guest.RunAsync("systemctl restart lab-hand");
        await guest.RunAsync("systemctl start lab-forkguard@hand");
        await HasStateAsync(guest, "hand", "Proving");
        Assert.Equal(2, await StartsAsync(guest, "lab-hand"));
    }

    private static async Task IsGivenUpAsync(SystemdGuest guest)
    {
        await guest.WaitAsync(
            Forkguard,
            journal =>
                journal.Contains(
                    "ForkRestartIneffective lab-fails.service: NotReplaced, unit lab-fails.service failed to start again (exit-code), and forkguard gives up",
                    Ordinal
                ),
            "lab-fails is given up"
        );
        Assert.Equal(1, await StartsAsync(guest, "lab-fails"));
    }

    private static async Task IsDeniedAsync(SystemdGuest guest)
    {
        await guest.WaitAsync(
            Forkguard,
            journal =>
                journal.Contains("ForkRestartSuppressed lab-denied.service: Refused: systemd does not let", Ordinal),
            "the restart of lab-denied is refused"
        );
        Assert.Equal(1, await StartsAsync(guest, "lab-denied"));
        Assert.Equal("active", (await guest.RunAsync("systemctl is-active forkguard")).Trim());
    }

    private static Task<string> IsKilledAsync(SystemdGuest guest, string name) =>
        guest.WaitAsync(
            $"systemctl show -P Result lab-forkguard@{name}",
            result => result.Trim() == "signal",
            $"forkguard of lab-{name} is killed"
        );

    private static Task<string> HasStateAsync(SystemdGuest guest, string name, string state) =>
        guest.WaitAsync(
            $"cat /var/lib/lab-{name}/*.json",
            record => record.Contains($"\"state\":\"{state}\"", Ordinal),
            $"the record of lab-{name} is {state}"
        );

    private static Task<string> RecordAsync(SystemdGuest guest, string name) =>
        guest.RunAsync($"cat /var/lib/lab-{name}/*.json");

    /// <summary>Starts of a daemon; no fork of it was refused.</summary>
    private static async Task<int> StartsAsync(SystemdGuest guest, string unit)
    {
        var journal = await guest.RunAsync($"journalctl --no-pager -o cat -u {unit}");
        Assert.DoesNotContain("refused", journal, Ordinal);
        return journal.Split('\n').Count(line => line == "started");
    }

    private static async Task KeepJournalAsync(SystemdGuest guest)
    {
        var path = Path.Combine(RepositoryPaths.Artifacts, "lab", "systemd.journal");
        await File.AppendAllTextAsync(
            path,
            await guest.RunAsync("journalctl --no-pager -o short-monotonic -u 'lab-*' -u forkguard"),
            CancellationToken.None
        );
    }
}
