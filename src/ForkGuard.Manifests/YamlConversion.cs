using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Manifests;

/// <summary>Turns nodes into JSON, and finds the lines of fields afterwards.</summary>
internal static class YamlConversion
{
    // A watch has tens of values. Aliases of aliases could make billions out of a few lines.
    private const int MaxValues = 100_000;

    /// <summary>Gives the JSON, with every alias written out.</summary>
    /// <returns>False if that would be more than 100 000 values.</returns>
    public static bool TryConvert(YamlNode node, out JsonNode? json)
    {
        var left = MaxValues;
        json = Convert(node, ref left);
        return left >= 0;
    }

    /// <summary>Gives the line of each field, or of the innermost thing that holds it where it is missing.</summary>
    /// <param name="root">The document.</param>
    /// <param name="paths">The fields, as their errors name them.</param>
    public static IReadOnlyDictionary<string, int> FindLines(YamlNode root, IEnumerable<string> paths)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal) { [""] = root.Line };
        var asked = paths.ToHashSet(StringComparer.Ordinal);
        var onTheWay = asked.SelectMany(FieldPath.SelfAndParents).ToHashSet(StringComparer.Ordinal);
        Collect(root, "", onTheWay, lines);
        foreach (var path in asked)
        {
            lines[path] = lines[FieldPath.SelfAndParents(path).FirstOrDefault(lines.ContainsKey, "")];
        }

        return lines;
    }

    private static JsonNode? Convert(YamlNode node, ref int left)
    {
        if (--left < 0)
        {
            return null;
        }

        switch (node)
        {
            case YamlMap map:
                var members = new JsonObject();
                foreach (var (name, member) in map.Members)
                {
                    members.Add(name, Convert(member.Value, ref left));
                    if (left < 0)
                    {
                        break;
                    }
                }

                return members;
            case YamlList list:
                var items = new JsonArray();
                foreach (var item in list.Items)
                {
                    items.Add(Convert(item, ref left));
                    if (left < 0)
                    {
                        break;
                    }
                }

                return items;
            default:
                return ((YamlScalar)node).Value?.DeepClone();
        }
    }

    private static void Collect(YamlNode node, string path, HashSet<string> wanted, Dictionary<string, int> lines)
    {
        switch (node)
        {
            case YamlMap map:
                foreach (var (name, member) in map.Members)
                {
                    Visit(member.Value, FieldPath.Member(path, name), member.Line);
                }

                break;
            case YamlList list:
                for (var index = 0; index < list.Items.Count; index++)
                {
                    Visit(list.Items[index], FieldPath.Item(path, index), list.Items[index].Line);
                }

                break;
        }

        void Visit(YamlNode child, string childPath, int line)
        {
            if (wanted.Contains(childPath) && lines.TryAdd(childPath, line))
            {
                Collect(child, childPath, wanted, lines);
            }
        }
    }
}
