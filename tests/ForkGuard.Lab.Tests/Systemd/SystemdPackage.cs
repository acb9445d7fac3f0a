namespace ForkGuard.Lab.Tests.Systemd;

/// <summary>The installed package is upgraded, removed and purged.</summary>
internal static class SystemdPackage
{
    /// <summary>A line of /etc/default/forkguard that the package does not have.</summary>
    internal const string ChangedOptions = "FORKGUARD_OPTIONS=\"--interval 5\"";

    private const StringComparison Ordinal = StringComparison.Ordinal;

    internal static async Task UpgradeAndRemoveAsync(SystemdGuest guest)
    {
        var process = await guest.RunAsync("systemctl show -P MainPID forkguard");
        await guest.RunAsync("ls /var/lib/forkguard/lab-tasks.service.json");

        // A later version with other configuration files.
        await guest.RunAsync("dpkg-deb --raw-extract /lab/forkguard.deb /tmp/next");
        await guest.RunAsync("sed -i 's/^Version: .*/Version: 9.0/' /tmp/next/DEBIAN/control");
        await guest.RunAsync(
            "for f in default/forkguard forkguard/host-processes.yaml; do echo '# 9.0' >> /tmp/next/etc/$f; done"
        );
        await guest.RunAsync("dpkg-deb -Znone --root-owner-group --build /tmp/next /tmp/next.deb");
        await guest.RunAsync("dpkg --force-confdef --force-confold --install /tmp/next.deb");
        Assert.Equal("9.0", (await guest.RunAsync("dpkg-query -W -f '${Version}' forkguard")).Trim());
        Assert.Contains(ChangedOptions, await guest.RunAsync("cat /etc/default/forkguard"), Ordinal);
        Assert.Contains("# 9.0", await guest.RunAsync("cat /etc/forkguard/host-processes.yaml"), Ordinal);
        Assert.Equal("active", (await guest.RunAsync("systemctl is-active forkguard")).Trim());
        Assert.NotEqual(process, await guest.RunAsync("systemctl show -P MainPID forkguard"), StringComparer.Ordinal);

        await guest.RunAsync("dpkg --remove forkguard");
        await guest.RunAsync("! systemctl is-active forkguard && ! test -e /usr/bin/forkguard");
        await guest.RunAsync(
            "cat /etc/default/forkguard /etc/forkguard/host-processes.yaml /var/lib/forkguard/lab-tasks.service.json"
        );

        await guest.RunAsync("dpkg --force-confdef --force-confold --install /lab/forkguard.deb");
        Assert.Contains(ChangedOptions, await guest.RunAsync("cat /etc/default/forkguard"), Ordinal);
        Assert.Equal("active", (await guest.RunAsync("systemctl is-active forkguard")).Trim());

        // Files that the package does not have are left.
        await guest.RunAsync("dpkg --purge forkguard");
        await guest.RunAsync(
            "! ls /etc/default/forkguard /etc/forkguard/host-processes.yaml /var/lib/forkguard /usr/bin/forkguard"
        );
        Assert.Equal("lab.yaml", (await guest.RunAsync("ls /etc/forkguard")).Trim());
        Assert.Equal("not-found", (await guest.RunAsync("systemctl show -P LoadState forkguard")).Trim());
    }
}
