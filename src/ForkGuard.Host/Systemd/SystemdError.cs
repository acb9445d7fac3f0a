using ForkGuard.Api;
using Tmds.DBus.Protocol;

namespace ForkGuard.Host.Systemd;

/// <summary>Errors of systemd and of the bus in words, with the cure.</summary>
internal static class SystemdError
{
    private const int MaxMessage = 300;
    private const string Bus = "org.freedesktop.DBus.Error.";

    /// <summary>These do not show whether the call was carried out.</summary>
    private static readonly string[] Unknown = [Bus + "NoReply", Bus + "Timeout", Bus + "Disconnected"];

    private static readonly string[] Denials =
    [
        Bus + "AccessDenied",
        Bus + "InteractiveAuthorizationRequired",
        Bus + "AuthFailed",
    ];

    internal static SystemdException Of(DBusErrorReplyException error)
    {
        var message = PrintableText.Escape(error.ErrorMessage, MaxMessage);
        return new SystemdException(
            Denials.Contains(error.ErrorName, StringComparer.Ordinal) ? Denied(message) : message,
            error
        )
        {
            IsRefusal = !Unknown.Contains(error.ErrorName, StringComparer.Ordinal),
        };
    }

    private static string Denied(string message) =>
        $"systemd does not let the user of forkguard restart units ({message}); allow it in polkit: "
        + "/usr/share/doc/forkguard/examples/50-forkguard.rules";
}
