using System.Globalization;
using System.Net.Sockets;
using ForkGuard.Telemetry;
using Microsoft.Extensions.Hosting.Systemd;

namespace ForkGuard.Cli.Serving;

/// <summary>
/// Notifications to the service manager (sd_notify(3)). Nothing is sent without NOTIFY_SOCKET. Not for several threads at
/// once.
/// </summary>
internal sealed class ServiceNotifier
{
    private readonly TimeProvider _time;
    private readonly SystemdNotifier _notifier = new();
    private string _status = "";
    private bool _isReady;
    private bool _hasFailed;

    internal ServiceNotifier(TimeProvider time)
    {
        _time = time;
        KeepAliveInterval = _notifier.IsEnabled && WatchdogTimeout() is { } timeout ? timeout / 2 : null;
    }

    /// <summary>A service manager waits for notifications.</summary>
    internal bool IsThere => _notifier.IsEnabled;

    /// <summary>Half of WATCHDOG_USEC; null if the watchdog is off.</summary>
    internal TimeSpan? KeepAliveInterval { get; }

    /// <summary>Sends that the service is ready, once after the start and after each reload, and the status if it has changed.</summary>
    internal void Ready(string status)
    {
        var ready = _isReady ? "" : "READY=1\n";
        _isReady = true;
        if (ready.Length > 0 || _status != status)
        {
            _status = status;
            Send($"{ready}STATUS={status}");
        }
    }

    internal void KeepAlive()
    {
        if (KeepAliveInterval is not null)
        {
            Send("WATCHDOG=1");
        }
    }

    internal void Reloading()
    {
        _isReady = false;
        var microseconds = _time.GetTimestamp() / (_time.TimestampFrequency / 1_000_000);
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    internal void Stopping() => Send("STOPPING=1");

    private void Send(string state)
    {
        if (!_notifier.IsEnabled)
        {
            return;
        }

        try
        {
            _notifier.Notify(new ServiceState(state));
            _hasFailed = false;
        }
        catch (SocketException e)
        {
            if (!_hasFailed)
            {
                StandardError.WriteLine($"NOTIFY_SOCKET: the service manager cannot be notified: {e.Message}");
            }

            _hasFailed = true;
        }
    }

    // The variables of another process that started this one are not for this one (sd_watchdog_enabled(3)).
    private static TimeSpan? WatchdogTimeout() =>
        NumberOf("WATCHDOG_USEC") is > 0 and var microseconds
        && NumberOf("WATCHDOG_PID") is var pid
        && (pid is null || pid == Environment.ProcessId)
            ? TimeSpan.FromMicroseconds(Math.Min(microseconds, (long)TimeSpan.MaxValue.TotalMicroseconds))
            : null;

    private static long? NumberOf(string variable) =>
        long.TryParse(
            Environment.GetEnvironmentVariable(variable),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;
}
