using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>A status in which every member of its records has a value.</summary>
internal static class FullStatus
{
    private static readonly DateTimeOffset Time = new(2026, 1, 31, 12, 0, 0, 123, TimeSpan.FromHours(1));

    /// <summary>As the programs write it.</summary>
    public static JsonNode Of(string kind)
    {
        var type = kind switch
        {
            ForkGuardApi.NodeForkReportKind => typeof(NodeForkReportStatus),
            ForkGuardApi.ForkRestartKind => typeof(ForkRestartStatus),
            _ => typeof(WatchStatus),
        };
        return JsonSerializer.SerializeToNode(ValueOf(type), ApiJson.Default.GetTypeInfo(type)!)!;
    }

    private static object ValueOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => "text",
            _ when type == typeof(int) => 2,
            _ when type == typeof(long) => 1L << 40,
            _ when type == typeof(bool) => true,
            _ when type == typeof(DateTimeOffset) => Time,
            _ when type == typeof(Condition) => (Condition)Fill(type) with { Status = "Unknown" },
            // A value of a later version passes through the server as well.
            _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(OpenEnum<>) =>
                Activator.CreateInstance(type, "LaterValue")!,
            _ when type.IsEnum => Enum.GetValues(type).GetValue(0)!,
            _ when type.IsAssignableTo(typeof(IEnumerable)) => ListOf(type.GetGenericArguments()[0]),
            _ => Fill(type),
        };
    }

    private static Array ListOf(Type element)
    {
        var list = Array.CreateInstance(element, 1);
        list.SetValue(ValueOf(element), 0);
        return list;
    }

    private static object Fill(Type type)
    {
        var value = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            property.SetValue(value, ValueOf(property.PropertyType));
        }

        return value;
    }
}
