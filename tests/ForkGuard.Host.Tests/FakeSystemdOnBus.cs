using Tmds.DBus.Protocol;

namespace ForkGuard.Host.Tests;

/// <summary>The manager of systemd on a bus, with the faults that a real one does not show on request.</summary>
internal sealed class FakeSystemdOnBus : IPathMethodHandler
{
    private const string UnitPath = "/org/freedesktop/systemd1/unit/redis_2eservice";

    private static readonly string[] Names = ["redis.service", "redis-server.service"];

    public string Path => "/org/freedesktop/systemd1";

    public bool HandlesChildPaths => true;

    /// <summary>Names of the methods that were called.</summary>
    internal List<string> Calls { get; } = [];

    /// <summary>The job mode of the last restart.</summary>
    internal string? Mode { get; private set; }

    /// <summary>The error that a restart answers; null for a job.</summary>
    internal (string Name, string Message)? Error { get; set; }

    /// <summary>A restart is never answered.</summary>
    internal bool IsSilent { get; set; }

    /// <summary>A property has another name.</summary>
    internal bool IsUnknown { get; set; }

    internal string LoadState { get; set; } = "loaded";

    public ValueTask HandleMethodAsync(MethodContext context)
    {
        var member = context.Request.MemberAsString!;
        lock (Calls)
        {
            Calls.Add(member);
        }

        if (member == "TryRestartUnit")
        {
            var reader = context.Request.GetBodyReader();
            reader.ReadString();
            Mode = reader.ReadString();
        }

        switch (member)
        {
            case "LoadUnit":
                ReplyPath(context, UnitPath);
                break;
            case "GetUnitByPID":
                if (context.Request.GetBodyReader().ReadUInt32() == 4711)
                {
                    ReplyPath(context, UnitPath);
                }
                else
                {
                    context.ReplyError(
                        "org.freedesktop.systemd1.NoUnitForPID",
                        "PID does not belong to any loaded unit."
                    );
                }

                break;
            case "GetAll":
                ReplyAll(context);
                break;
            case "Get":
                ReplyProperty(context);
                break;
            case "TryRestartUnit" when Error is { } error:
                context.ReplyError(error.Name, error.Message);
                break;
            case "TryRestartUnit" when IsSilent:
                context.DisposesAsynchronously = true;
                break;
            case "TryRestartUnit":
                ReplyPath(context, "/org/freedesktop/systemd1/job/7");
                break;
            default:
                context.ReplyUnknownMethodError();
                break;
        }

        return default;
    }

    private static void ReplyPath(MethodContext context, string path)
    {
        using var writer = context.CreateReplyWriter("o");
        writer.WriteObjectPath(path);
        context.Reply(writer.CreateMessage());
    }

    private void ReplyAll(MethodContext context)
    {
        using var writer = context.CreateReplyWriter("a{sv}");
        writer.WriteDictionary(
            new Dictionary<string, VariantValue>(StringComparer.Ordinal)
            {
                ["Id"] = "redis.service",
                ["Names"] = VariantValue.Array(Names),
                ["LoadState"] = LoadState,
                ["ActiveState"] = "active",
                ["InvocationID"] = VariantValue.Array(new byte[] { 0xab, 0x01 }),
                ["ActiveEnterTimestamp"] = (ulong)1_000_000,
                ["Job"] = VariantValue.Struct((uint)0, new ObjectPath("/")),
                ["CanStart"] = true,
                [IsUnknown ? "RefuseManualStarts" : "RefuseManualStart"] = false,
                ["RefuseManualStop"] = true,
            }
        );
        context.Reply(writer.CreateMessage());
    }

    private static void ReplyProperty(MethodContext context)
    {
        var reader = context.Request.GetBodyReader();
        reader.ReadString();
        VariantValue value = reader.ReadString() switch
        {
            "Id" => "redis.service",
            "Type" => "notify",
            "Result" => "success",
            "TimeoutStartUSec" => ulong.MaxValue,
            _ => (ulong)90_000_000,
        };
        using var writer = context.CreateReplyWriter("v");
        writer.WriteVariant(value);
        context.Reply(writer.CreateMessage());
    }
}
