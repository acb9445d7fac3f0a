using System.Text.Json.Nodes;

namespace ForkGuard.Api.Validation;

/// <summary>Reads a manifest that came from outside, and reports everything that is wrong with it.</summary>
public static class WatchDocument
{
    private static readonly string[] Kinds = [ForkGuardApi.ForkWatchKind, ForkGuardApi.ClusterForkWatchKind];

    /// <summary>
    /// Validates structure (fields, types, enums) and meaning (<see cref="WatchValidator"/>) together. Metadata that
    /// Kubernetes adds is accepted, and <c>status</c> is neither validated nor read.
    /// </summary>
    /// <param name="document">One document; null stands for JSON's null. It is not changed.</param>
    public static WatchDocumentResult Read(JsonNode? document) => ReadAs(document, isOnHost: false);

    /// <summary>The same for a host, where a watch may restart units of systemd.</summary>
    /// <param name="document">One document; null stands for JSON's null. It is not changed.</param>
    public static WatchDocumentResult ReadOnHost(JsonNode? document) => ReadAs(document, isOnHost: true);

    private static WatchDocumentResult ReadAs(JsonNode? document, bool isOnHost)
    {
        var findings = new Findings();
        if (document is not JsonObject root)
        {
            var found = Described.Value(document);
            findings.Add("", $"is {found} but must be an object with apiVersion, kind, metadata and spec");
            return new WatchDocumentResult(null, null, findings.Errors);
        }

        ValidateHeader(root, "apiVersion", [ForkGuardApi.ApiVersion], findings);
        ValidateHeader(root, "kind", Kinds, findings);
        var structure = new StructureReader(findings);
        ForkWatch? watch = null;
        ClusterForkWatch? clusterWatch = null;
        switch (TextOf(root["kind"]))
        {
            case ForkGuardApi.ForkWatchKind:
                watch = structure.Read(root, ApiJson.Default.ForkWatch);
                WatchRules.Check(watch!, findings);
                break;
            case ForkGuardApi.ClusterForkWatchKind:
                clusterWatch = structure.Read(root, ApiJson.Default.ClusterForkWatch);
                WatchRules.Check(clusterWatch!, isOnHost, findings);
                break;
        }

        var good = findings.Errors.Count == 0;
        return new WatchDocumentResult(good ? watch : null, good ? clusterWatch : null, findings.Errors);
    }

    private static void ValidateHeader(JsonObject root, string name, string[] right, Findings findings)
    {
        var text = TextOf(root[name]);
        if (right.Contains(text, StringComparer.Ordinal))
        {
            return;
        }

        var choice = Described.Choice(right);
        var near = text is null ? null : NearestName.Of(text, right);
        findings.Add(
            name,
            root[name] is not { } given ? $"is missing and must be {choice}"
                : text is ForkGuardApi.NodeForkReportKind ? $"is {text}, which only the agents write; must be {choice}"
                : text is null ? $"is {Described.Value(given)} but must be {choice}"
                : $"is {PrintableText.Quote(text)} but must be {choice}"
                    + (near is null || right.Length == 1 ? "" : $"; did you mean {near}?")
        );
    }

    private static string? TextOf(JsonNode? node) =>
        node?.GetValueKind() == System.Text.Json.JsonValueKind.String ? Described.Text(node) : null;
}

/// <summary>Result of <see cref="WatchDocument.Read"/>.</summary>
/// <param name="ForkWatch">The watch, if the document is a ForkWatch without errors.</param>
/// <param name="ClusterForkWatch">The watch, if the document is a ClusterForkWatch without errors.</param>
/// <param name="Errors">Everything that is wrong: structure in the order of the document, then meaning.</param>
public sealed record WatchDocumentResult(
    ForkWatch? ForkWatch,
    ClusterForkWatch? ClusterForkWatch,
    IReadOnlyList<ValidationError> Errors
);
