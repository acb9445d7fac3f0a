using System.Text;
using System.Text.Json;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Cluster;

namespace ForkGuard.Controller.Tests;

/// <summary>A pod is read as it is, and what many pods have in common is held once.</summary>
public sealed class SharedStringsTests
{
    private static readonly string Uid = new('u', 36);

    [Fact]
    public void Equal_short_strings_are_one_and_all_are_as_they_were_sent()
    {
        var (first, second) = (Read("a"), Read("b"));

        Assert.Equal(("a", "b"), (first.Metadata!.Name, second.Metadata!.Name));
        Assert.Equal("shop", first.Metadata.Namespace);
        Assert.Same(first.Metadata.Namespace, second.Metadata.Namespace);
        Assert.Equal(Uid, first.Metadata.Uid);
        Assert.Equal("redis \u001b\u00e9", first.Metadata.Labels!["app"]);
        Assert.Same(Assert.Single(first.Metadata.Labels).Key, Assert.Single(second.Metadata.Labels!).Key);
        Assert.Null(first.Spec!.NodeName);
    }

    /// <summary>A list has room for four entries, and most reports have one constraint of a process.</summary>
    [Fact]
    public void Lists_are_arrays_of_their_length()
    {
        const string process = """{"pid":1,"command":"redis","verdict":"CanFork","constraints":[{"type":"Pids"}]}""";
        var report = JsonSerializer.Deserialize(
            $$$"""{"status":{"processes":[{{{process}}},{"pid":2,"constraints":null},{"pid":3,"constraints":[]}]}}""",
            Kinds.NodeForkReports.Json
        )!;

        var processes = report.Status!.Processes!;
        var constraint = Assert.Single(Assert.IsType<ConstraintReport[]>(processes[0].Constraints));
        Assert.Equal(ConstraintType.Pids, constraint.Type.Known);
        Assert.Null(processes[1].Constraints);
        Assert.Empty(processes[2].Constraints!);
        Assert.Throws<JsonException>(() =>
            JsonSerializer.Deserialize("""{"status":{"processes":[{"constraints":{}}]}}""", Kinds.NodeForkReports.Json)
        );
    }

    private static Pod Read(string name) =>
        JsonSerializer.Deserialize(
            Encoding.UTF8.GetBytes(
                $$$"""
                {"metadata":{"name":"{{{name}}}","namespace":"shop","uid":"{{{Uid}}}","labels":{"app":"redis \u001b\u00e9"}},"spec":{"nodeName":null}}
                """
            ),
            Kinds.Pods.Json
        )!;
}
