using ForkGuard.Api;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ForkGuard.Manifests;

/// <summary>Builds the nodes of one document from the parser's events, and goes on where a problem allows it.</summary>
internal sealed class YamlReader
{
    // The deepest schemas of custom resources, which people keep beside their watches, stay below half of it.
    private const int Deepest = 200;

    private readonly int firstLine;
    private readonly Parser events;
    private readonly Dictionary<AnchorName, YamlNode?> anchors = [];
    private readonly List<YamlProblem> problems = [];

    // The keys (text) and indexes (numbers) that lead to the value at hand; a path is only written for a problem.
    private readonly List<(string? Key, int Index)> place = [];

    private YamlReader(YamlDocumentText document)
    {
        firstLine = document.Line;
        events = new Parser(new StringReader(document.Text));
    }

    /// <summary>Parses the text of one document.</summary>
    /// <param name="document">A document of <see cref="YamlText.Documents"/>.</param>
    /// <param name="problems">Everything that is wrong with the YAML; empty if it is well-formed.</param>
    /// <returns>The document; null if it is empty or its syntax is wrong.</returns>
    public static YamlNode? Read(YamlDocumentText document, out IReadOnlyList<YamlProblem> problems)
    {
        var reader = new YamlReader(document);
        problems = reader.problems;
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException broken)
        {
            var message = PrintableText.Escape(broken.Message.TrimEnd('.'));
            reader.problems.Add(new YamlProblem(reader.LineOf(broken.Start), "", $"is not YAML: {message}"));
            return null;
        }
        catch (Exception lost) when (lost is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The scanner has states that it does not expect of its input, and then throws what no text may cause.
            reader.AddProblem(reader.Start, "is not YAML from about here on; check brackets, colons and indentation");
            return null;
        }
    }

    private YamlNode? ReadDocument()
    {
        YamlNode? root = null;
        events.Consume<StreamStart>();
        if (events.TryConsume<DocumentStart>(out _))
        {
            root = ReadNode();
            events.Consume<DocumentEnd>();
        }

        events.Consume<StreamEnd>();
        return root is YamlScalar { Value: null } ? null : root;
    }

    private YamlNode ReadNode()
    {
        if (place.Count > Deepest)
        {
            throw new YamlException(Start, Start, $"Lists and maps are more than {Deepest} deep");
        }

        if (events.TryConsume<AnchorAlias>(out var alias))
        {
            return Resolve(alias);
        }

        var anchor = events.Current is NodeEvent named ? named.Anchor : AnchorName.Empty;
        if (!anchor.IsEmpty)
        {
            // A value within its own anchor would be endless.
            anchors[anchor] = null;
        }

        YamlNode node;
        if (events.TryConsume<SequenceStart>(out var list))
        {
            node = ReadList(list);
        }
        else if (events.TryConsume<MappingStart>(out var map))
        {
            node = ReadMap(map);
        }
        else
        {
            var scalar = events.Consume<Scalar>();
            if (!CoreSchema.TryRead(scalar, out var value, out var wrong))
            {
                AddProblem(scalar.Start, wrong);
            }

            node = new YamlScalar(LineOf(scalar.Start), value);
        }

        if (!anchor.IsEmpty)
        {
            anchors[anchor] = node;
        }

        return node;
    }

    private YamlList ReadList(SequenceStart start)
    {
        var items = new List<YamlNode>();
        while (!events.TryConsume<SequenceEnd>(out _))
        {
            place.Add((null, items.Count));
            items.Add(ReadNode());
            place.RemoveAt(place.Count - 1);
        }

        return new YamlList(LineOf(start.Start), items);
    }

    private YamlMap ReadMap(MappingStart start)
    {
        var members = new Dictionary<string, YamlMember>(StringComparer.Ordinal);
        while (!events.TryConsume<MappingEnd>(out _))
        {
            var key = ReadKey();
            place.Add((key?.Value ?? "", 0));
            var value = ReadNode();
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
            {
                AddProblem(key.Start, "merge keys are no part of YAML 1.2; write the fields out");
            }
            else if (key is not null && !members.TryAdd(key.Value, new YamlMember(LineOf(key.Start), value)))
            {
                var first = members[key.Value].Line;
                AddProblem(key.Start, $"is given twice, first on line {first}; leave one out");
            }

            place.RemoveAt(place.Count - 1);
        }

        return new YamlMap(LineOf(start.Start), members);
    }

    /// <summary>Reads a key; null, and a problem, if it is not a scalar.</summary>
    private Scalar? ReadKey()
    {
        if (events.Accept<Scalar>(out _))
        {
            var key = events.Consume<Scalar>();
            if (!key.Anchor.IsEmpty)
            {
                anchors[key.Anchor] = new YamlScalar(LineOf(key.Start), key.Value);
            }

            return key;
        }

        AddProblem(Start, "has a key that is a list, a map or an alias; a key must be text");
        ReadNode();
        return null;
    }

    private YamlNode Resolve(AnchorAlias alias)
    {
        if (!anchors.TryGetValue(alias.Value, out var node))
        {
            throw new YamlException(alias.Start, alias.End, $"Alias *{alias.Value} has no anchor before it");
        }

        return node
            ?? throw new YamlException(alias.Start, alias.End, $"Alias *{alias.Value} stands within its own anchor");
    }

    private Mark Start => events.Current?.Start ?? Mark.Empty;

    private void AddProblem(in Mark mark, string message)
    {
        var path = place.Aggregate(
            "",
            (path, step) => step.Key is null ? FieldPath.Item(path, step.Index) : FieldPath.Member(path, step.Key)
        );
        problems.Add(new YamlProblem(LineOf(mark), path, message));
    }

    private int LineOf(in Mark mark) => firstLine + (int)Math.Max(mark.Line - 1, 0);
}
