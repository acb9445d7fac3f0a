using System.Text.Json;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Api.Tests;

/// <summary>Values that a later version may add.</summary>
public sealed class OpenEnumTests
{
    // As an agent of a later version writes it: every value that may be extended is one that this version does not know.
    private const string LaterReport = """
        {"apiVersion":"forkguard.io/v1alpha1","kind":"NodeForkReport","metadata":{"name":"node-1"},"spec":{"evaluateAs":["Lenient"]},"status":{"constraints":[{"type":"Landlock","unit":"Rules","scope":"Zone","used":1,"limit":2,"percent":50,"confidence":"Guessed"}],"processes":[{"measuredTime":"2026-01-31T12:00:00Z","pid":7,"startTimeTicks":8,"command":"a","verdict":"CanForkOnce","bindingConstraint":"Landlock","constraints":[{"type":"Landlock","unit":"Rules","scope":"Zone","used":1,"limit":2,"percent":50,"confidence":"Guessed","mapping":{"start":"1","end":"2","kind":"Guard"}}]},{"measuredTime":"2026-01-31T12:00:00Z","pid":9,"startTimeTicks":8,"command":"b","verdict":"CanFork","bindingConstraint":"Pids","constraints":[{"type":"Pids","unit":"Tasks","scope":"Pod","used":9,"limit":10,"percent":90,"confidence":"Exact"}]}],"whatIf":[{"evaluateAs":"Lenient"}]}}
        """;

    [Fact]
    public void A_report_of_a_later_version_keeps_its_text_and_its_other_entries()
    {
        var report = JsonSerializer.Deserialize(LaterReport, ApiJson.Default.NodeForkReport)!;
        var processes = report.Status!.Processes!;
        Assert.Null(processes[0].Verdict.Known);
        Assert.Equal("Landlock", processes[0].Binding()!.Type.Text);
        Assert.Equal(Verdict.CanFork, processes[1].Verdict.Known);
        Assert.Equal(90, processes[1].Constraint(ConstraintType.Pids)!.Percent);
        Assert.Equal(default, WhatIfRules.From(report.Spec!.EvaluateAs));
        using var before = JsonDocument.Parse(LaterReport);
        var written = JsonSerializer.Serialize(report, ApiJson.Default.NodeForkReport);
        using var after = JsonDocument.Parse(written);
        Assert.True(JsonElement.DeepEquals(before.RootElement, after.RootElement), written);
    }

    /// <summary>The controller keeps the reports of thousands of nodes.</summary>
    [Fact]
    public void A_known_value_is_read_as_one_string_wherever_it_stands()
    {
        var process = JsonSerializer.Deserialize(LaterReport, ApiJson.Default.NodeForkReport)!.Status!.Processes![1];
        Assert.Same(process.BindingConstraint!.Value.Text, process.Constraints![0].Type.Text);
    }

    [Theory]
    [InlineData("Pids", ConstraintType.Pids)]
    [InlineData("pids", null)]
    [InlineData(" Pids", null)]
    [InlineData("Pids, Threads", null)]
    [InlineData("2", null)]
    [InlineData("-1", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Only_a_name_of_this_version_is_known(string? text, ConstraintType? known)
    {
        var value = new OpenEnum<ConstraintType>(text);
        Assert.Equal(known, value.Known);
        Assert.Equal(text ?? "", value.Text);
        Assert.Equal(known is not null, value == ConstraintType.Pids);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void A_value_that_is_no_text_is_an_error_that_says_what_to_write(string json)
    {
        var error = Assert.Throws<JsonException>(() =>
            JsonSerializer.Deserialize($$"""{"type":{{json}}}""", ApiJson.Default.ConstraintReport)
        );
        Assert.Contains("must be a string, such as LargestMapping", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Absent_and_null_are_the_same_where_a_value_may_be_missing()
    {
        var process = JsonSerializer.Deserialize("""{"bindingConstraint":null}""", ApiJson.Default.ProcessReport)!;
        Assert.Null(process.BindingConstraint);
        Assert.Null(process.Binding());
        Assert.Null(process.Verdict.Known);
    }
}
