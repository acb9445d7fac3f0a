using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Manifests.Tests.Schemas;

/// <summary>What the server fills in is what the controller would have taken.</summary>
public sealed class DefaultTests
{
    // actAtPercent has one too, but a stored 90 could not be told from one that somebody chose, and would stand in the
    // way of a warnAtPercent above it. The parent of the restart's defaults has none: a watch that never restarts
    // does not say how it would.
    private static readonly Dictionary<string, JsonNode> Expected = new(StringComparer.Ordinal)
    {
        ["spec.warnAtPercent"] = WatchDefaults.WarnAtPercent,
        ["spec.holdSeconds"] = WatchDefaults.HoldSeconds,
        ["spec.evaluateAs"] = WatchDefaults.EvaluateAs.ToString(),
        ["spec.action"] = WatchDefaults.Action.ToString(),
        ["spec.paused"] = false,
        ["spec.restart.method"] = WatchDefaults.Method.ToString(),
        ["spec.restart.cooldownSeconds"] = WatchDefaults.CooldownSeconds,
        ["spec.restart.maxConcurrent"] = WatchDefaults.MaxConcurrent,
        ["spec.restart.minReadyReplicas"] = WatchDefaults.MinReadyReplicas,
        ["spec.restart.maxIneffectiveRestarts"] = WatchDefaults.MaxIneffectiveRestarts,
        ["spec.restart.allowLocalStorage"] = false,
        ["spec.restart.dryRun"] = false,
    };

    private static readonly Dictionary<string, JsonNode> ExpectedOfReports = new(StringComparer.Ordinal)
    {
        ["spec"] = new JsonObject(),
        ["spec.reportAtPercent"] = WatchDefaults.ReportAtPercent,
        ["spec.scanSeconds"] = WatchDefaults.ScanSeconds,
    };

    [Theory]
    [MemberData(nameof(RecordTests.Kinds), MemberType = typeof(RecordTests))]
    public void The_defaults_are_those_of_the_records(string kind)
    {
        var resource = CustomResources.All.Single(resource => resource.Kind == kind);
        var expected = kind switch
        {
            ForkGuardApi.NodeForkReportKind => ExpectedOfReports,
            ForkGuardApi.ForkRestartKind => [],
            _ => Expected,
        };
        Assert.Equal(
            expected.Select(entry => $"{entry.Key}: {entry.Value.ToJsonString()}").Order(StringComparer.Ordinal),
            CustomResources
                .FieldsOf(resource.Schema)
                .Where(entry => entry.Field["default"] is not null)
                .Select(entry => $"{entry.Path}: {entry.Field["default"]!.ToJsonString()}")
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void The_longest_scan_interval_is_that_of_the_record()
    {
        var schema = CustomResources.All.Single(resource => resource.Kind == ForkGuardApi.NodeForkReportKind).Schema;
        var (_, field) = CustomResources.FieldsOf(schema).Single(entry => entry.Path == "spec.scanSeconds");
        Assert.Equal(NodeForkReportSpec.MaxScanSeconds, (long)field["maximum"]!);
    }

    [Fact]
    public void Every_default_of_the_records_is_in_a_schema_or_told_in_words()
    {
        var known = Expected
            .Keys.Concat(ExpectedOfReports.Keys)
            .Select(path => path[(path.LastIndexOf('.') + 1)..])
            .ToList();
        var left = typeof(WatchDefaults)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(constant => JsonNamingPolicy.CamelCase.ConvertName(constant.Name))
            .Except(known, StringComparer.Ordinal);
        Assert.Equal("actAtPercent", Assert.Single(left));
    }

    [Theory]
    [InlineData(ForkGuardApi.ForkWatchKind)]
    [InlineData(ForkGuardApi.ClusterForkWatchKind)]
    public void A_default_that_depends_on_another_field_is_told_in_words(string kind)
    {
        var spec = CustomResources.All.Single(resource => resource.Kind == kind).Schema["properties"]!["spec"]!;
        var act = spec["properties"]!["actAtPercent"]!["description"]!.GetValue<string>();
        Assert.Contains($"Absent means {WatchDefaults.ActAtPercent},", act, StringComparison.Ordinal);
        var clear = spec["properties"]!["clearBelowPercent"]!["description"]!.GetValue<string>();
        var less = WatchDefaults.WarnAtPercent - WatchDefaults.ClearBelow(WatchDefaults.WarnAtPercent);
        Assert.Contains($"Absent means {less} less than warnAtPercent,", clear, StringComparison.Ordinal);
        Assert.Contains(
            spec["x-kubernetes-validations"]!.AsArray(),
            rule =>
                rule!["rule"]!.GetValue<string>().Contains($"<= {WatchDefaults.ActAtPercent}", StringComparison.Ordinal)
        );
    }
}
