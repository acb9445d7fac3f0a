using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace ForkGuard.Api.Validation;

/// <summary>
/// Holds a document against the metadata of the records, so that they alone define the fields. A part that
/// does not fit becomes an error and is left out; the rest can be deserialised.
/// </summary>
internal sealed class StructureReader(Findings findings)
{
    // ObjectMeta of Kubernetes that `kubectl get -o yaml` prints and the record does not carry.
    private static readonly string[] OtherMetadata =
    [
        "generateName",
        "selfLink",
        "managedFields",
        "deletionGracePeriodSeconds",
    ];

    public T? Read<T>(JsonObject document, JsonTypeInfo<T> type)
    {
        // Their values are validated where the type was chosen; the records have them by default.
        string[] validated = ["apiVersion", "kind"];
        return ReadObject(document, type, "", validated).Deserialize(type);
    }

    private JsonNode? ReadValue(JsonNode node, Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(WatchStatus))
        {
            // The controller writes it, and kubectl prints it: nothing in it is the author's.
            return null;
        }

        var info =
            ApiJson.Default.GetTypeInfo(type)
            ?? throw new InvalidOperationException($"{type} is not part of the JSON context.");
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                return node is JsonObject members
                    ? ReadObject(members, info, path, type == typeof(ObjectMeta) ? OtherMetadata : [])
                    : Refuse(
                        path,
                        node,
                        $"an object; its fields: {string.Join(", ", info.Properties.Select(p => p.Name))}"
                    );
            case JsonTypeInfoKind.Dictionary:
                return node is JsonObject entries
                    ? ReadEntries(entries, info.ElementType!, path)
                    : Refuse(path, node, "an object of names and values");
            case JsonTypeInfoKind.Enumerable:
                return node is JsonArray items
                    ? ReadItems(items, info.ElementType!, path)
                    : Refuse(path, node, "a list");
            default:
                if (ScalarStructure.Validate(node, type) is not { } message)
                {
                    return node.DeepClone();
                }

                findings.AddUnread(path, message);
                return null;
        }
    }

    private JsonObject ReadObject(JsonObject given, JsonTypeInfo type, string path, string[] alsoKnown)
    {
        var read = new JsonObject();
        foreach (var (name, node) in given)
        {
            if (alsoKnown.Contains(name, StringComparer.Ordinal))
            {
                continue;
            }

            var member = FieldPath.Member(path, name);
            if (
                type.Properties.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.Ordinal))
                is not { } known
            )
            {
                RefuseUnknown(given, name, type, path);
            }
            else if (node is not null)
            {
                read[name] = ReadValue(node, known.PropertyType, member);
            }
        }

        // Required members are names and operators. An empty one stands in, so that the rest can be validated.
        foreach (var missing in type.Properties.Where(p => p.IsRequired && read[p.Name] is null))
        {
            var member = FieldPath.Member(path, missing.Name);
            if (given[missing.Name] is null)
            {
                findings.Add(member, "is missing and must be given");
                findings.MarkUnread(member);
            }

            read[missing.Name] = "";
        }

        return read;
    }

    private void RefuseUnknown(JsonObject given, string name, JsonTypeInfo type, string path)
    {
        var names = type.Properties.Select(p => p.Name).Where(known => !given.ContainsKey(known)).ToList();
        var nearest = NearestName.Of(name, names);
        if (nearest is not null)
        {
            findings.MarkUnread(FieldPath.Member(path, nearest));
        }

        var right =
            nearest is not null ? $"did you mean {nearest}?"
            : HolderOf(name, type) is { } holder ? $"it belongs under {holder}"
            : names.Count > 0 ? $"known here: {string.Join(", ", names)}"
            : "every field known here is given already";
        findings.AddUnread(FieldPath.Member(path, name), $"unknown field; {right}");
    }

    private static string? HolderOf(string name, JsonTypeInfo type) =>
        type
            .Properties.FirstOrDefault(p =>
                p.PropertyType != typeof(WatchStatus)
                && ApiJson.Default.GetTypeInfo(p.PropertyType) is { Kind: JsonTypeInfoKind.Object } inner
                && inner.Properties.Any(q => string.Equals(q.Name, name, StringComparison.Ordinal))
            )
            ?.Name;

    private JsonObject ReadEntries(JsonObject given, Type type, string path)
    {
        var read = new JsonObject();
        foreach (var (name, node) in given)
        {
            var value = ReadElement(node, type, FieldPath.Member(path, name));
            if (value is not null)
            {
                read[name] = value;
            }
        }

        return read;
    }

    private JsonArray ReadItems(JsonArray given, Type type, string path)
    {
        var read = new JsonArray();
        for (var index = 0; index < given.Count; index++)
        {
            var value = ReadElement(given[index], type, FieldPath.Item(path, index));

            // A null keeps the place of a bad element, so that later ones are called by their index.
            if (value is not null || !type.IsValueType)
            {
                read.Add(value);
            }
        }

        return read;
    }

    private JsonNode? ReadElement(JsonNode? node, Type type, string path)
    {
        if (node is not null)
        {
            return ReadValue(node, type, path);
        }

        findings.AddUnread(
            path,
            type == typeof(string) ? "is null but must be text; \"\" is the empty one" : "is null; leave it out"
        );
        return null;
    }

    private JsonNode? Refuse(string path, JsonNode node, string right)
    {
        findings.AddUnread(path, $"is {Described.Value(node)} but must be {right}");
        return null;
    }
}
