using Tmds.DBus.Protocol;

namespace ForkGuard.Host.Systemd;

/// <summary>systemd's manager on the system bus.</summary>
internal sealed class SystemdBus : ISystemd
{
    private const string Service = "org.freedesktop.systemd1";
    private const string ManagerPath = "/org/freedesktop/systemd1";
    private const string Manager = "org.freedesktop.systemd1.Manager";
    private const string Unit = "org.freedesktop.systemd1.Unit";
    private const string ServiceUnit = "org.freedesktop.systemd1.Service";
    private const string Properties = "org.freedesktop.DBus.Properties";

    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(5);

    private readonly DBusConnection _connection;
    private readonly TimeSpan _callLimit;

    private SystemdBus(DBusConnection connection, TimeSpan callLimit)
    {
        _connection = connection;
        _callLimit = callLimit;
    }

    /// <summary>DBUS_SYSTEM_BUS_ADDRESS, or else the address that D-Bus has for the system bus.</summary>
    internal static string SystemAddress =>
        Environment.GetEnvironmentVariable("DBUS_SYSTEM_BUS_ADDRESS") is { Length: > 0 } own
            ? own
            : "unix:path=/run/dbus/system_bus_socket";

    /// <summary>Connects to a bus.</summary>
    /// <param name="address">Of the bus.</param>
    /// <param name="callLimit">The time after which a restart has no answer any more.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SystemdException">There is no bus, or it refuses the connection.</exception>
    internal static async Task<ISystemd> ConnectAsync(
        string address,
        TimeSpan callLimit,
        CancellationToken cancellationToken
    )
    {
        DBusConnection? connection = null;
        try
        {
            connection = new DBusConnection(address);
            await connection.ConnectAsync().AsTask().WaitAsync(ReadLimit, cancellationToken);
            return new SystemdBus(connection, callLimit);
        }
        catch (Exception failed) when (failed is DBusExceptionBase or TimeoutException or ArgumentException)
        {
            connection?.Dispose();
            throw new SystemdException(
                $"the system bus at {address} cannot be used: {failed.Message}; restarts need D-Bus (package dbus, "
                    + "systemctl status dbus.socket) and a user in /etc/passwd",
                failed
            );
        }
    }

    public async Task<UnitState> ReadAsync(string unit, CancellationToken cancellationToken)
    {
        var path = await CallAsync(
            Request(ManagerPath, Manager, "LoadUnit", unit),
            ReadPath,
            ReadLimit,
            cancellationToken
        );
        var all = await CallAsync(Request(path, Properties, "GetAll", Unit), ReadAll, ReadLimit, cancellationToken);
        var state = StateOf(all);
        return unit.EndsWith(".service", StringComparison.Ordinal)
            ? await WithServiceAsync(state, path, cancellationToken)
            : state;
    }

    public async Task<string?> UnitOfProcessAsync(int pid, CancellationToken cancellationToken)
    {
        try
        {
            var path = await CallAsync(Request(pid), ReadPath, ReadLimit, cancellationToken);
            return (await GetAsync(path, Unit, "Id", cancellationToken)).GetString();
        }
        catch (SystemdException none) when (none.IsRefusal)
        {
            return null;
        }
    }

    // In mode "replace" systemd would cancel a stop that an administrator has requested and that waits for another unit.
    public Task RestartAsync(string unit, CancellationToken cancellationToken) =>
        CallAsync(
            Request(ManagerPath, Manager, "TryRestartUnit", unit, "fail"),
            ReadPath,
            _callLimit,
            cancellationToken
        );

    public void Dispose() => _connection.Dispose();

    private static UnitState StateOf(Dictionary<string, VariantValue> all)
    {
        try
        {
            return new UnitState
            {
                Id = all["Id"].GetString(),
                Names = all["Names"].GetArray<string>(),
                LoadState = all["LoadState"].GetString(),
                ActiveState = all["ActiveState"].GetString(),
                InvocationId = Convert.ToHexStringLower(all["InvocationID"].GetArray<byte>()),
                StartedTime =
                    DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(all["ActiveEnterTimestamp"].GetUInt64()),
                HasJob = all["Job"].GetItem(0).GetUInt32() != 0,
                CanStart = all["CanStart"].GetBool(),
                RefusesManualStart = all["RefuseManualStart"].GetBool(),
                RefusesManualStop = all["RefuseManualStop"].GetBool(),
            };
        }
        catch (Exception other) when (other is KeyNotFoundException or InvalidOperationException)
        {
            throw new SystemdException(
                $"systemd describes the unit in a way that is not known: {other.Message}",
                other
            );
        }
    }

    private async Task<UnitState> WithServiceAsync(UnitState state, string path, CancellationToken cancellationToken) =>
        state with
        {
            Type = (await GetAsync(path, ServiceUnit, "Type", cancellationToken)).GetString(),
            Result = (await GetAsync(path, ServiceUnit, "Result", cancellationToken)).GetString(),
            StartTimeout = TimeOf(await GetAsync(path, ServiceUnit, "TimeoutStartUSec", cancellationToken)),
            StopTimeout = TimeOf(await GetAsync(path, ServiceUnit, "TimeoutStopUSec", cancellationToken)),
        };

    // The largest number stands for infinity.
    private static TimeSpan TimeOf(VariantValue microseconds) =>
        TimeSpan.FromMicroseconds(Math.Min(microseconds.GetUInt64(), (ulong)TimeSpan.FromDays(1).TotalMicroseconds));

    private Task<VariantValue> GetAsync(string path, string type, string name, CancellationToken cancellationToken) =>
        CallAsync(Request(path, Properties, "Get", type, name), ReadVariant, ReadLimit, cancellationToken);

    private MessageBuffer Request(string path, string type, string member, params ReadOnlySpan<string> words)
    {
        using var writer = _connection.GetMessageWriter();
        writer.WriteMethodCallHeader(Service, path, type, member, new string('s', words.Length));
        foreach (var word in words)
        {
            writer.WriteString(word);
        }

        return writer.CreateMessage();
    }

    private MessageBuffer Request(int pid)
    {
        using var writer = _connection.GetMessageWriter();
        writer.WriteMethodCallHeader(Service, ManagerPath, Manager, "GetUnitByPID", "u");
        writer.WriteUInt32((uint)pid);
        return writer.CreateMessage();
    }

    private async Task<T> CallAsync<T>(
        MessageBuffer request,
        MessageValueReader<T> reader,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await _connection.CallMethodAsync(request, reader, null).WaitAsync(limit, cancellationToken);
        }
        catch (DBusErrorReplyException refused)
        {
            throw SystemdError.Of(refused);
        }
        catch (Exception failed) when (failed is DBusExceptionBase or TimeoutException or InvalidOperationException)
        {
            throw new SystemdException($"systemd gave no usable answer on the system bus: {failed.Message}", failed);
        }
    }

    private static string ReadPath(Message message, object? state) => message.GetBodyReader().ReadObjectPathAsString();

    private static VariantValue ReadVariant(Message message, object? state) =>
        message.GetBodyReader().ReadVariantValue();

    private static Dictionary<string, VariantValue> ReadAll(Message message, object? state) =>
        message.GetBodyReader().ReadDictionaryOfStringToVariantValue();
}
