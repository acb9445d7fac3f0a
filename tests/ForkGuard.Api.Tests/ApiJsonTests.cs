using System.Text.Json;

namespace ForkGuard.Api.Tests;

public sealed class ApiJsonTests
{
    [Fact]
    public void A_watch_survives_the_way_through_json()
    {
        const string json = """
            {"apiVersion":"forkguard.io/v1alpha1","kind":"ClusterForkWatch","metadata":{"name":"w","generation":3,"creationTimestamp":"2026-01-31T12:00:00Z"},"spec":{"selector":{"matchLabels":{"app":"a"},"matchExpressions":[{"key":"b","operator":"In","values":["c"]}]},"hostProcesses":{"units":["docker.service"]},"warnAtPercent":60,"constraints":["Pids","CopyOnWrite"],"evaluateAs":"Strict","action":"Restart","restart":{"method":"Delete","windows":[{"days":["Mon","Sun"],"start":"02:00","end":"03:00"}]}},"status":{"worstConstraint":"Pids","targets":[{"systemdUnit":"u.service","constraint":"Pids","verdict":"CannotFork","percent":101}]}}
            """;
        var watch = JsonSerializer.Deserialize(json, ApiJson.Default.ClusterForkWatch)!;
        AssertSameJson(json, JsonSerializer.Serialize(watch, ApiJson.Default.ClusterForkWatch));
    }

    [Fact]
    public void A_report_survives_the_way_through_json()
    {
        const string json = """
            {"apiVersion":"forkguard.io/v1alpha1","kind":"NodeForkReport","metadata":{"name":"node-1"},"spec":{"scanSeconds":15,"forecastSeconds":900,"evaluateAs":["Heuristic"]},"status":{"kernel":{"overcommitMode":2,"limitBytes":9000000000},"constraints":[{"type":"Threads","unit":"Tasks","scope":"Node","used":1,"limit":2,"percent":50,"confidence":"Exact"}],"processes":[{"measuredTime":"2026-01-31T12:00:00Z","pid":7,"startTimeTicks":8,"command":"redis-server","pod":{"namespace":"n","name":"p"},"processCount":3,"verdict":"CannotFork","bindingConstraint":"CommitCharge","constraints":[{"type":"CommitCharge","unit":"Bytes","scope":"Node","used":9,"limit":9,"percent":100,"confidence":"Estimate","uncertainty":4096,"refuses":true,"own":5,"growing":false,"settled":{"time":"2026-01-31T11:00:00Z","used":9},"mapping":{"start":"7f00","end":"7fff","kind":"ThreadStacks"}},{"type":"Pids","unit":"Tasks","scope":"Pod","scopeName":"/kubepods/x","used":9,"limit":10,"percent":90,"confidence":"Exact","zombies":6,"zombieParent":{"pid":7,"command":"redis-server"},"refused":4}],"notChecked":["Seccomp"],"snapshot":{"roomBytes":1,"reclaimableBytes":4,"forkCostBytes":2,"worstCaseBytes":3,"killsContainer":true}}],"omittedBelowPercent":12,"whatIf":[{"evaluateAs":"Heuristic","processes":[],"omittedBelowPercent":10}],"conditions":[{"type":"Ready","status":"True"}]}}
            """;
        var report = JsonSerializer.Deserialize(json, ApiJson.Default.NodeForkReport)!;
        AssertSameJson(json, JsonSerializer.Serialize(report, ApiJson.Default.NodeForkReport));
    }

    [Fact]
    public void Names_that_are_absent_are_never_null()
    {
        var report = JsonSerializer.Deserialize("""{"status":{"processes":[{}]}}""", ApiJson.Default.NodeForkReport)!;
        Assert.Equal(ForkGuardApi.NodeForkReportKind, report.Kind);
        Assert.Equal("", report.Status!.Processes![0].Command);
    }

    [Theory]
    [InlineData("""{"uid":"1"}""", "", "", "1")]
    [InlineData("""{"namespace":"n","name":"p"}""", "n", "p", null)]
    public void A_pod_of_a_process_leaves_out_what_is_not_known(string json, string ns, string name, string? uid)
    {
        var pod = new PodReference
        {
            Namespace = ns,
            Name = name,
            Uid = uid,
        };
        var written = JsonSerializer.Serialize(new ProcessReport { Pod = pod }, ApiJson.Default.ProcessReport);
        using var document = JsonDocument.Parse(written);
        AssertSameJson(json, document.RootElement.GetProperty("pod").GetRawText());
        Assert.Equal(pod, JsonSerializer.Deserialize(written, ApiJson.Default.ProcessReport)!.Pod);
    }

    [Fact]
    public void A_pod_of_a_process_may_have_fields_of_a_later_version()
    {
        const string json = """{"pod":{"later":{"a":[1]},"name":"p","more":null},"pid":7}""";
        var process = JsonSerializer.Deserialize(json, ApiJson.Default.ProcessReport)!;
        Assert.Equal(("p", 7), (process.Pod!.Name, process.Pid));
    }

    [Theory]
    [InlineData("2026-01-31T13:00:00+01:00", "2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00.0420815Z", "2026-01-31T12:00:00.042Z")]
    public void Times_are_in_UTC_with_milliseconds_at_most(string time, string written)
    {
        var status = new NodeForkReportStatus
        {
            ObservedTime = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture),
        };

        AssertSameJson(
            $$"""{"observedTime":"{{written}}"}""",
            JsonSerializer.Serialize(status, ApiJson.Default.NodeForkReportStatus)
        );
    }

    private static void AssertSameJson(string expected, string actual)
    {
        using var left = JsonDocument.Parse(expected);
        using var right = JsonDocument.Parse(actual);
        Assert.True(JsonElement.DeepEquals(left.RootElement, right.RootElement), actual);
    }
}
