using System.Text;
using System.Text.Json;
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
