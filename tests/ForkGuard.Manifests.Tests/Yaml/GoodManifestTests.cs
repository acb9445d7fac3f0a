using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ForkGuard.Api;

namespace ForkGuard.Manifests.Tests.Yaml;

public sealed class GoodManifestTests
{
    [Fact]
    public void Every_sample_is_good_and_the_folder_is_flat()
    {
        Assert.Empty(Directory.EnumerateDirectories(ManifestPaths.Samples));
        var samples = ManifestFolder.Load(ManifestPaths.Samples);
        Assert.Empty(samples.Errors);
        var files = Directory.EnumerateFiles(ManifestPaths.Samples).Order(StringComparer.Ordinal);
        Assert.Equal([.. files], samples.Watches.Select(watch => watch.File), StringComparer.Ordinal);
        Assert.All(
            samples.Watches,
            watch => Assert.True(watch.ForkWatch is null || watch.ForkWatch.Metadata?.Namespace is "default")
        );
    }

    [Fact]
    public void Every_sample_says_what_it_is_for() =>
        Assert.All(
            Directory.EnumerateFiles(ManifestPaths.Samples),
            file => Assert.StartsWith("# ", File.ReadAllText(file), StringComparison.Ordinal)
        );

    [Fact]
    public void The_sample_for_a_bare_machine_watches_every_host_process()
    {
        var loaded = ManifestFolder.Load(Path.Combine(ManifestPaths.Samples, "host-processes.yaml"));
        var watch = Assert.Single(loaded.Watches).ClusterForkWatch;
        Assert.Equal("host", watch?.Metadata?.Name);
        Assert.Equal(new HostProcessSelector(), watch?.Spec?.HostProcesses);
        Assert.Equal(900, watch?.Spec?.ForecastSeconds);
    }

    [Theory]
    [InlineData("from-kubectl.yaml", 1, 4, "from-kubectl")]
    [InlineData("full.yaml", 1, 2, "full")]
    [InlineData("mixed.yaml", 4, 9, "fourth")]
    [InlineData("mixed.yaml", 5, 13, "fifth")]
    [InlineData("watch.json", 1, 1, "json")]
    public void A_good_manifest_is_found_where_it_stands(string file, int document, int line, string name)
    {
        var loaded = ManifestFolder.Load(Path.Combine(YamlPaths.Good, file));
        Assert.Empty(loaded.Errors);
        var watch = Assert.Single(loaded.Watches, watch => watch.Document == document);
        Assert.Equal(line, watch.Line);
        Assert.Equal(name, (watch.ForkWatch?.Metadata ?? watch.ClusterForkWatch?.Metadata)?.Name);
    }

    [Fact]
    public void Hidden_files_other_names_and_folders_within_are_left_out()
    {
        var loaded = ManifestFolder.Load(YamlPaths.Good);
        Assert.Empty(loaded.Errors);
        Assert.Equal(5, loaded.Watches.Count);
    }

    [Fact]
    public void Aliases_and_the_scalars_of_the_core_schema_arrive()
    {
        var loaded = ManifestFolder.Load(Path.Combine(YamlPaths.Good, "mixed.yaml"));
        var spec = loaded.Watches[1].ForkWatch!.Spec!;
        Assert.Equal(["redis"], spec.Commands);
        Assert.Equal((0x32, 15), (spec.WarnAtPercent, spec.HoldSeconds));
        Assert.Equal("02:00", spec.Restart?.Windows?[0].Start);
        Assert.Equal("7", loaded.Watches[0].ForkWatch?.Spec?.Selector?.MatchLabels?["app"]);
    }

    [Theory]
    [InlineData(typeof(ForkWatchSpec))]
    [InlineData(typeof(ClusterForkWatchSpec))]
    public void Every_field_is_shown_by_a_sample_or_a_fixture(Type type)
    {
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in new[] { ManifestPaths.Samples, YamlPaths.Good })
        {
            foreach (var watch in ManifestFolder.Load(folder).Watches)
            {
                Collect(
                    JsonSerializer.SerializeToNode(watch.ForkWatch?.Spec, ApiJson.Default.ForkWatchSpec),
                    "",
                    shown
                );
                Collect(
                    JsonSerializer.SerializeToNode(watch.ClusterForkWatch?.Spec, ApiJson.Default.ClusterForkWatchSpec),
                    "",
                    shown
                );
            }
        }

        Assert.Empty(Fields(ApiJson.Default.GetTypeInfo(type)!, "").Except(shown, StringComparer.Ordinal));
    }

    private static void Collect(JsonNode? node, string path, HashSet<string> shown)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                Collect(item, path, shown);
            }
        }
        else if (node is JsonObject members)
        {
            foreach (var (name, member) in members)
            {
                shown.Add($"{path}.{name}");
                Collect(member, $"{path}.{name}", shown);
            }
        }
    }

    private static IEnumerable<string> Fields(JsonTypeInfo type, string path)
    {
        var inner = type.Kind is JsonTypeInfoKind.Enumerable ? ApiJson.Default.GetTypeInfo(type.ElementType!)! : type;
        return inner.Kind is not JsonTypeInfoKind.Object
            ? []
            : inner.Properties.SelectMany(property =>
                Fields(ApiJson.Default.GetTypeInfo(property.PropertyType)!, $"{path}.{property.Name}")
                    .Prepend($"{path}.{property.Name}")
            );
    }
}
