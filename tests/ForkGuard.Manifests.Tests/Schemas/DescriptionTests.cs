using System.Text.Json.Nodes;
using ForkGuard.ApiReference;

namespace ForkGuard.Manifests.Tests.Schemas;

/// <summary>What a user reads of the API: descriptions, ranges, columns, and the page that is made of them.</summary>
public sealed class DescriptionTests
{
    [Theory]
    [MemberData(nameof(RecordTests.Kinds), MemberType = typeof(RecordTests))]
    public void Every_field_is_described_in_sentences(string kind)
    {
        var resource = CustomResources.All.Single(resource => resource.Kind == kind);

        // The API server writes the description of metadata itself and refuses another.
        var fields = CustomResources.FieldsOf(resource.Schema).Where(entry => entry.Path is not "metadata");
        Assert.Empty(
            fields.Prepend(("", resource.Schema)).Where(entry => !IsSentence(entry.Item2)).Select(e => e.Item1)
        );
    }

    [Theory]
    [MemberData(nameof(RecordTests.Kinds), MemberType = typeof(RecordTests))]
    public void A_range_is_told_in_words_too(string kind)
    {
        var spec = CustomResources.All.Single(resource => resource.Kind == kind).Schema["properties"]!["spec"]!;
        var untold =
            from entry in CustomResources.FieldsOf(spec)
            let told = entry.Field["description"]!.GetValue<string>()
            where entry.Field["maximum"] is not null || entry.Field["maxItems"] is not null
            let range = entry.Field["maximum"] is { } maximum
                ? $"{entry.Field["minimum"]} to {maximum}"
                : $"At most {entry.Field["maxItems"]}."
            where !told.Contains(range, StringComparison.Ordinal)
            select $"{entry.Path}: {range}";
        Assert.Empty(untold);
    }

    [Theory]
    [MemberData(nameof(RecordTests.Kinds), MemberType = typeof(RecordTests))]
    public void Every_column_shows_a_field_and_is_described(string kind)
    {
        var resource = CustomResources.All.Single(resource => resource.Kind == kind);
        var fields = CustomResources.FieldsOf(resource.Schema).Select(entry => entry.Path.Replace("[]", "", Ordinal));
        var known = fields.Append("metadata.creationTimestamp").ToHashSet(StringComparer.Ordinal);
        Assert.All(
            resource.Columns,
            column =>
            {
                Assert.True(IsSentence(column!), $"{column}");
                var path = string.Concat(
                    column!["jsonPath"]!.GetValue<string>().TrimStart('.').Split('[', ']').Where((_, i) => i % 2 == 0)
                );
                Assert.Contains(path, known);
            }
        );
    }

    [Fact]
    public void The_reference_page_is_what_the_definitions_say() =>
        Assert.True(
            File.ReadAllText(ManifestPaths.Reference) == ReferencePage.Render(CustomResources.All),
            "docs/api-reference.md is not what config/crd says. Run `make update` and commit what it changes."
        );

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static bool IsSentence(JsonNode node) =>
        node["description"]?.GetValue<string>() is { Length: > 10 } text && text.EndsWith('.');
}
