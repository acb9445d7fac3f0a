using ForkGuard.Api;
using ForkGuard.Api.Validation;

namespace ForkGuard.Manifests;

/// <summary>Reads the documents of one file into watches and errors.</summary>
internal sealed class ManifestFile(string file, List<ManifestWatch> watches, List<ManifestError> errors)
{
    private static readonly string[] OurKinds =
    [
        ForkGuardApi.ForkWatchKind,
        ForkGuardApi.ClusterForkWatchKind,
        ForkGuardApi.NodeForkReportKind,
    ];

    /// <summary>Reads every document; a broken one is an error and costs no other.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        if (YamlText.Decode(bytes, out var text) is { } undecodable)
        {
            errors.Add(new ManifestError(file, null, undecodable.Line, "", undecodable.Message));
            return;
        }

        var number = 0;
        foreach (var document in YamlText.Documents(text))
        {
            number++;
            var root = YamlReader.Read(document, out var problems);
            var isList = IsList(root, out var items);

            // A document that clearly belongs to another group is left out.
            if (root is null || isList || IsOurs(root))
            {
                errors.AddRange(problems.Select(p => new ManifestError(file, number, p.Line, p.Path, p.Message)));
            }

            if (isList)
            {
                ReadItems(items, "", number, problems);
            }
            else if (root is not null && IsOurs(root))
            {
                ReadWatch(root, "", number, problems);
            }
        }
    }

    private void ReadItems(YamlNode? items, string path, int number, IReadOnlyList<YamlProblem> problems)
    {
        path = FieldPath.Member(path, "items");
        if (items is not YamlList list)
        {
            if (items is not (null or YamlScalar { Value: null }))
            {
                errors.Add(new ManifestError(file, number, items.Line, path, "must be a list of manifests"));
            }

            return;
        }

        for (var index = 0; index < list.Items.Count; index++)
        {
            var item = list.Items[index];
            var itemPath = FieldPath.Item(path, index);
            if (IsList(item, out var inner))
            {
                ReadItems(inner, itemPath, number, problems);
            }
            else if (IsOurs(item))
            {
                ReadWatch(item, itemPath, number, problems);
            }
        }
    }

    private void ReadWatch(YamlNode root, string prefix, int number, IReadOnlyList<YamlProblem> problems)
    {
        if (!YamlConversion.TryConvert(root, out var json))
        {
            const string message = "has more than 100 000 values once its aliases are written out; use fewer aliases";
            errors.Add(new ManifestError(file, number, root.Line, prefix, message));
            return;
        }

        var read = WatchDocument.ReadOnHost(json);
        var lines = YamlConversion.FindLines(root, read.Errors.Select(error => error.Path));
        errors.AddRange(
            read.Errors.Select(error => new ManifestError(
                file,
                number,
                lines[error.Path],
                FieldPath.Join(prefix, error.Path),
                error.Message
            ))
        );

        // An ambiguous document, such as one with a duplicate key, is not validated.
        if (read.Errors.Count == 0 && !problems.Any(problem => FieldPath.Holds(prefix, problem.Path)))
        {
            watches.Add(new ManifestWatch(file, number, root.Line, read.ForkWatch, read.ClusterForkWatch));
        }
    }

    /// <summary>A List of Kubernetes' own, as <c>kubectl get -o yaml</c> prints it.</summary>
    private static bool IsList(YamlNode? node, out YamlNode? items)
    {
        items = (node as YamlMap)?.Members.GetValueOrDefault("items")?.Value;
        return node is YamlMap map && map.Text("kind") is "List" && map.Text("apiVersion") is "v1";
    }

    /// <summary>Everything but a document of another group and of a kind that ForkGuard does not have.</summary>
    private static bool IsOurs(YamlNode node) =>
        node is not YamlMap map
        || map.Text("apiVersion") is not { } version
        || version.Split('/')[0] is ForkGuardApi.Group
        || OurKinds.Contains(map.Text("kind"), StringComparer.Ordinal);
}
