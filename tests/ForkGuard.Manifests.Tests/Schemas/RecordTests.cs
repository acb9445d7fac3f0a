using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Manifests.Tests.Schemas;

/// <summary>The schemas of config/crd and the records of ForkGuard.Api say the same.</summary>
public sealed class RecordTests
{
    public static TheoryData<string> Kinds { get; } =
    [
        ForkGuardApi.ForkWatchKind,
        ForkGuardApi.ClusterForkWatchKind,
        ForkGuardApi.NodeForkReportKind,
        ForkGuardApi.ForkRestartKind,
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_field_is_in_the_record_and_in_the_schema_and_of_the_same_type(string kind)
    {
        var resource = CustomResources.All.Single(resource => resource.Kind == kind);
        var differences = RecordComparison.Differences(resource.Schema, CustomResources.RecordOf(resource));
        Assert.True(differences.Count == 0, $"{resource.File}:\n  {string.Join("\n  ", differences)}");
    }

    [Fact]
    public void There_is_one_definition_for_each_kind() =>
        Assert.Equal(
            Kinds.Select(kind => kind.Data).Order(StringComparer.Ordinal),
            CustomResources.All.Select(resource => resource.Kind).Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Group_and_version_are_those_of_the_records(string kind)
    {
        var resource = CustomResources.All.Single(resource => resource.Kind == kind);
        Assert.Equal(ForkGuardApi.Group, resource.Group);
        Assert.Equal(ForkGuardApi.Version, resource.Version["name"]!.GetValue<string>());
        Assert.Equal(
            $"{resource.Plural}.{resource.Group}",
            resource.Definition["metadata"]!["name"]!.GetValue<string>()
        );
        Assert.Equal($"{resource.Group}_{resource.Plural}.yaml", Path.GetFileName(resource.File));
    }

    [Fact]
    public void What_both_watches_have_is_the_same_in_both()
    {
        var watch = CustomResources.All.Single(resource => resource.Kind is ForkGuardApi.ForkWatchKind);
        var cluster = CustomResources.All.Single(resource => resource.Kind is ForkGuardApi.ClusterForkWatchKind);
        Same(watch.Columns, cluster.Columns);
        Same(watch.Schema["properties"]!["status"], cluster.Schema["properties"]!["status"]);
        var (one, other) = (watch.Schema["properties"]!["spec"]!, cluster.Schema["properties"]!["spec"]!);
        foreach (var (name, field) in one["properties"]!.AsObject().Where(field => field.Key is not "selector"))
        {
            Same(field, other["properties"]![name]);
        }

        Same(one["properties"]!["selector"]!["properties"], other["properties"]!["selector"]!["properties"]);
        Same(one["properties"]!["selector"]!["properties"], other["properties"]!["namespaceSelector"]!["properties"]);
        var rules = other["x-kubernetes-validations"]!.AsArray();
        Assert.All(
            one["x-kubernetes-validations"]!.AsArray(),
            rule => Assert.Contains(rules, also => JsonNode.DeepEquals(rule, also))
        );
    }

    private static void Same(JsonNode? left, JsonNode? right) =>
        Assert.True(JsonNode.DeepEquals(left, right), $"{left}\nis not\n{right}");
}
