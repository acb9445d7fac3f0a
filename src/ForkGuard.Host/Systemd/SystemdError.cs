using ForkGuard.Api;
using Tmds.DBus.Protocol;

namespace ForkGuard.Host.Systemd;

/// <summary>Errors of systemd and of the bus in words, with the cure.</summary>
internal static class SystemdError
{
    private const int MaxMessage = 300;
    private const string Bus = "org.freedesktop.DBus.Error.";
    private const string Destructive = "org.freedesktop.systemd1.TransactionIsDestructive";

    /// <summary>These do not show whether the call was carried out.</summary>
    private static readonly string[] Unknown = [Bus + "NoReply", Bus + "Timeout", Bus + "Disconnected"];

    /// <summary>The bus answers these itself while no systemd is on it, such as early at boot.</summary>
    private static readonly string[] Absences = [Bus + "ServiceUnknown", Bus + "NameHasNoOwner", Bus + "TimedOut"];

    private static readonly string[] Denials =
    [
        Bus + "AccessDenied",
        Bus + "InteractiveAuthorizationRequired",
        Bus + "AuthFailed",
    ];

    internal static SystemdException Of(DBusErrorReplyException error)
    {
        var message = PrintableText.Escape(error.ErrorMessage, MaxMessage);
        return error.ErrorName switch
        {
            var name when IsAbsence(name) => new SystemdException(Absent(message), error),
            var name when Unknown.Contains(name, StringComparer.Ordinal) => new SystemdException(message, error),
            var name => new SystemdException(
                Denials.Contains(name, StringComparer.Ordinal) ? Denied(message)
                    : name == Destructive ? Pending(message)
                    : message,
                error
            )
            {
                IsRefusal = true,
            },
        };
    }

    private static bool IsAbsence(string name) =>
        Absences.Contains(name, StringComparer.Ordinal) || name.StartsWith(Bus + "Spawn.", StringComparison.Ordinal);

    private static string Absent(string message) =>
        $"no systemd on the system bus ({message}); the next scan tries again";

    private static string Pending(string message) =>
        $"the restart would cancel a pending job of systemd ({message}); see `systemctl list-jobs`";

    private static string Denied(string message) =>
        $"systemd does not let the user of forkguard restart units ({message}); allow it in polkit: "
        + "/usr/share/doc/forkguard/examples/50-forkguard.rules";
}
