namespace ForkGuard.Host.Restarts;

/// <summary>Units that a host depends on: a restart may end every session, the network or the restart itself.</summary>
internal static class CriticalUnits
{
    private const string Own = "forkguard.service";

    private static readonly string[] Names =
    [
        Own,
        "init.scope",
        // The bus that carries the restart, and what allows it.
        "dbus.service",
        "dbus-broker.service",
        "polkit.service",
        // Logins.
        "display-manager.service",
        "dropbear.service",
        "dropbear.socket",
        "gdm.service",
        "gdm3.service",
        "getty.target",
        "greetd.service",
        "lightdm.service",
        "lxdm.service",
        "sddm.service",
        "ssh.service",
        "ssh.socket",
        "sshd.service",
        "sshd.socket",
        "sssd.service",
        "xdm.service",
        // The network.
        "connman.service",
        "dhcpcd.service",
        "firewalld.service",
        "ip6tables.service",
        "iptables.service",
        "iwd.service",
        "ModemManager.service",
        "netfilter-persistent.service",
        "netplan-wpa.service",
        "network.service",
        "networking.service",
        "NetworkManager.service",
        "nftables.service",
        "ufw.service",
        "wicked.service",
        "wicked-nanny.service",
        "wpa_supplicant.service",
    ];

    private static readonly string[] Prefixes =
    [
        "systemd-",
        "user@",
        "user-runtime-dir@",
        "getty@",
        "serial-getty@",
        "console-getty",
        "autovt@",
        "ifup@",
        "dropbear@",
        "ssh@",
        "sshd@",
        "sssd-",
        "wg-quick@",
        "wpa_supplicant@",
        "netplan-wpa-",
        "dhcpcd@",
    ];

    /// <summary>One of the names of a unit is critical.</summary>
    /// <param name="names">The name of the unit and its aliases.</param>
    /// <param name="own">The unit of this process; null if it runs in none.</param>
    internal static bool Contain(IEnumerable<string> names, string? own) =>
        names.Any(name =>
            string.Equals(name, own, StringComparison.Ordinal)
            || Names.Contains(name, StringComparer.Ordinal)
            || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        );
}
