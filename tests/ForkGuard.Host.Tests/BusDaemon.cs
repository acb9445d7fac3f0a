using System.Diagnostics;
using Tmds.DBus.Protocol;

namespace ForkGuard.Host.Tests;

/// <summary>A dbus-daemon of its own, on a socket of its own.</summary>
internal sealed class BusDaemon : IAsyncDisposable
{
    private const string Configuration = """
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
         "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
          <listen>unix:path=SOCKET</listen>
          <auth>EXTERNAL</auth>
          <policy context="default">
            <allow send_destination="*" eavesdrop="true"/>
            <allow eavesdrop="true"/>
            <allow own="*"/>
            <allow user="*"/>
          </policy>
        </busconfig>
        """;

    private readonly DirectoryInfo _folder;
    private readonly Process _daemon;

    private BusDaemon(DirectoryInfo folder, string socket, Process daemon)
    {
        Address = $"unix:path={socket}";
        _folder = folder;
        _daemon = daemon;
    }

    internal string Address { get; }

    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="socketFolder">Folder of its <c>socket</c>; null for one of its own.</param>
    internal static async Task<BusDaemon> StartAsync(CancellationToken cancellationToken, string? socketFolder = null)
    {
        var folder = Directory.CreateTempSubdirectory("forkguard-bus-");
        var socket = Path.Combine(socketFolder ?? folder.FullName, "socket");
        var configuration = Path.Combine(folder.FullName, "bus.conf");
        await File.WriteAllTextAsync(
            configuration,
            Configuration.Replace("SOCKET", socket, StringComparison.Ordinal),
            cancellationToken
        );
        ProcessStartInfo info = new("dbus-daemon", ["--nofork", "--print-address", $"--config-file={configuration}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var daemon = Process.Start(info)!;
        await daemon.StandardOutput.ReadLineAsync(cancellationToken);
        return new BusDaemon(folder, socket, daemon);
    }

    /// <summary>A connection that owns the name of systemd.</summary>
    internal async Task<DBusConnection> OwnSystemdAsync(IPathMethodHandler manager)
    {
        DBusConnection connection = new(Address);
        await connection.ConnectAsync();
        connection.AddMethodHandler(manager);
        await connection.RequestNameAsync("org.freedesktop.systemd1", RequestNameOptions.None);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        _daemon.Kill();
        await _daemon.WaitForExitAsync();
        _daemon.Dispose();
        _folder.Delete(recursive: true);
    }
}
