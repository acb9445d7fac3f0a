using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ForkGuard.Api;

namespace ForkGuard.Manifests.Tests.Schemas;

/// <summary>Holds a schema against a record, both ways, and says what to add where one lacks what the other has.</summary>
internal sealed class RecordComparison
{
    private static readonly NullabilityInfoContext Nullability = new();

    // The validator asks for them; the records let them be absent, so that everything else can still be judged.
    private static readonly HashSet<(Type, string)> RequiredByValidator =
    [
        (typeof(ForkWatch), nameof(ForkWatch.Spec)),
        (typeof(ClusterForkWatch), nameof(ClusterForkWatch.Spec)),
        (typeof(ForkWatchSpec), nameof(ForkWatchSpec.Selector)),
        (typeof(RestartWindow), nameof(RestartWindow.Start)),
        (typeof(RestartWindow), nameof(RestartWindow.End)),
    ];

    private const string NameLength = "64";
    private const string NamePattern = "^[A-Za-z][A-Za-z0-9]*$";

    private readonly List<string> differences = [];

    public static IReadOnlyList<string> Differences(JsonObject schema, Type record)
    {
        var comparison = new RecordComparison();
        comparison.CompareObject(schema, record, "");
        return comparison.differences;
    }

    /// <param name="schema">Of the object.</param>
    /// <param name="record">The type of the member.</param>
    /// <param name="path">To the member.</param>
    /// <param name="isWrittenInPart">A converter of the member leaves out what is not known.</param>
    private void CompareObject(JsonObject schema, Type record, string path, bool isWrittenInPart = false)
    {
        var fields = schema["properties"] as JsonObject ?? [];
        var required = (schema["required"] as JsonArray ?? []).Select(name => name!.GetValue<string>()).ToList();
        var members = record
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .ToDictionary(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name), StringComparer.Ordinal);
        foreach (var name in fields.Select(field => field.Key).Except(members.Keys, StringComparer.Ordinal))
        {
            differences.Add($"{FieldPath.Member(path, name)} is in the CRD; add it to the record {record.Name}");
        }

        foreach (var (name, property) in members)
        {
            var member = FieldPath.Member(path, name);
            if (fields[name] is not JsonObject field)
            {
                differences.Add($"{member} is in the record {record.Name}; add to the CRD: {Suggest(name, property)}");
                continue;
            }

            // Kubernetes requires these two by itself, and keeps the schema of metadata to itself.
            if (path.Length == 0 && name is "apiVersion" or "kind" or "metadata")
            {
                continue;
            }

            var must = !isWrittenInPart && IsRequired(property);
            if (required.Contains(name, StringComparer.Ordinal) != must)
            {
                differences.Add($"{member} must {(must ? "" : "not ")}be among the required of its object in the CRD");
            }

            CompareValue(field, property.PropertyType, member, HasConverter(property));
        }
    }

    private void CompareValue(JsonObject schema, Type type, string path, bool isWrittenInPart = false)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (schema["nullable"] is not null)
        {
            differences.Add($"{path} must not be nullable: absent is the one way of saying nothing");
        }

        var (kind, format) = KindOf(type);
        Same(path, "type", kind, schema["type"]?.GetValue<string>());
        Same(path, "format", format, schema["format"]?.GetValue<string>());
        if (type.IsEnum)
        {
            var names = (schema["enum"] as JsonArray ?? []).Select(name => name!.GetValue<string>());
            Same(path, "enum", string.Join(", ", Enum.GetNames(type)), string.Join(", ", names));
        }
        else if (IsOpenEnum(type))
        {
            // A name of a later version must pass, so that the values of this one are only in the description.
            Same(path, "enum", null, schema["enum"]?.ToJsonString());
            Same(path, "maxLength", NameLength, schema["maxLength"]?.ToJsonString());
            Same(path, "pattern", NamePattern, schema["pattern"]?.GetValue<string>());
        }
        else if (kind is "array" && schema["items"] is JsonObject items)
        {
            CompareValue(items, type.GetGenericArguments()[0], path + "[]");
        }
        else if (IsDictionary(type))
        {
            Same(path, "additionalProperties", "string", schema["additionalProperties"]?["type"]?.GetValue<string>());
        }
        else if (kind is "object")
        {
            CompareObject(schema, type, path, isWrittenInPart);
        }
    }

    private void Same(string path, string what, string? record, string? crd)
    {
        if (!string.Equals(record, crd, StringComparison.Ordinal))
        {
            differences.Add($"{path}: {what} is {crd ?? "absent"} in the CRD and {record ?? "absent"} by the record");
        }
    }

    private static bool HasConverter(PropertyInfo property) =>
        property.GetCustomAttribute<JsonConverterAttribute>() is not null;

    private static bool IsRequired(PropertyInfo property) =>
        RequiredByValidator.Contains((property.DeclaringType!, property.Name))
        || (
            property.PropertyType.IsValueType
                ? Nullable.GetUnderlyingType(property.PropertyType) is null
                : Nullability.Create(property).ReadState == NullabilityState.NotNull
        );

    private static (string Kind, string? Format) KindOf(Type type) =>
        type switch
        {
            _ when type == typeof(DateTimeOffset) => ("string", "date-time"),
            _ when type == typeof(int) => ("integer", "int32"),
            _ when type == typeof(long) => ("integer", "int64"),
            _ when type == typeof(bool) => ("boolean", null),
            _ when type == typeof(string) || type.IsEnum || IsOpenEnum(type) => ("string", null),
            _ when type.IsAssignableTo(typeof(IEnumerable)) && !IsDictionary(type) => ("array", null),
            _ => ("object", null),
        };

    private static bool IsOpenEnum(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(OpenEnum<>);

    private static bool IsDictionary(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>);

    private static string Suggest(string name, PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var (kind, format) = KindOf(type);
        var values =
            type.IsEnum ? $", enum: [{string.Join(", ", Enum.GetNames(type))}]"
            : IsOpenEnum(type) ? $", maxLength: {NameLength}, pattern: {NamePattern}"
            : "";
        var also = IsRequired(property) ? $", and {name} to the required of its object" : "";
        return $"{name}: {{type: {kind}{(format is null ? "" : $", format: {format}")}{values}, description: ...}}{also}";
    }
}
