using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Cli.Kubectl;

namespace ForkGuard.Cli.Tests.Kubectl;

/// <summary>Watches that select a pod, and the reason for which it is not among their targets.</summary>
public class PodWatchTests
{
    private const string Accepted = """{"type":"Accepted","status":"True"}""";

    private static readonly OwnedPod Pod = new(
        Object(
            """{"metadata":{"namespace":"shop","name":"redis-0","uid":"u1","labels":{"app":"redis"}},"spec":{"nodeName":"n1"}}"""
        ),
        "StatefulSet",
        "redis"
    );

    [Theory]
    [InlineData("", "LargestMapping is at 62 %, below 70 % (warnAtPercent)")]
    [InlineData("\"warnAtPercent\":63,\"paused\":true", "LargestMapping is at 62 %, below 63 % (warnAtPercent)")]
    [InlineData("\"containers\":[\"redis\"]", "LargestMapping is at 62 %, below 70 % (warnAtPercent)")]
    [InlineData("\"containers\":[\"sidecar\"],\"commands\":[\"sleep\"]", "Pids is at 40 %, below 70 % (warnAtPercent)")]
    [InlineData(
        "\"commands\":[\"sleep\"],\"constraints\":[\"LargestMapping\"]",
        "no reported constraint is one of LargestMapping"
    )]
    [InlineData("\"constraints\":[\"UserProcesses\"]", "no reported constraint is one of UserProcesses")]
    [InlineData("\"evaluateAs\":\"Strict\"", "the report has no list by evaluateAs Strict yet")]
    [InlineData("\"warnAtPercent\":60", "Pending: pod shop/redis-0 at 62 %, not yet for 120 s (holdSeconds)")]
    public void A_watch_that_selects_the_pod_has_the_reason_why_it_is_no_target(string spec, string reason)
    {
        var found = PodWatch.Of(Watch(spec), Pod, space: null, Report());
        Assert.Equal(reason, found?.NoTarget);
    }

    [Fact]
    public void A_process_that_is_not_selected_is_named_by_the_selection()
    {
        var report = Object(
            Report().ToJsonString().Replace("\"Pids\"", "\"ContainerMemory\"", StringComparison.Ordinal)
        );
        var found = PodWatch.Of(Watch("\"containers\":[\"sidecar\"],\"commands\":[\"sleep\"]"), Pod, null, report);
        Assert.Equal(
            "no reported process of the pod is one of containers sidecar with commands sleep",
            found?.NoTarget
        );
    }

    [Theory]
    [InlineData("""{"app":"cart"}""", "shop")]
    [InlineData("""{"app":"redis"}""", "other")]
    public void A_watch_of_other_pods_is_left_out(string labels, string ns) =>
        Assert.Null(PodWatch.Of(Watch("", labels, ns), Pod, space: null, Report()));

    [Theory]
    [InlineData("shop", true)]
    [InlineData("lab", false)]
    public void The_labels_of_the_namespace_decide_under_a_namespace_selector(string wanted, bool isSelected)
    {
        var watch = Object(
            $$"""
            {"metadata":{"name":"all","generation":1},
             "spec":{"selector":{"matchLabels":{"app":"redis"} },"namespaceSelector":{"matchLabels":{"team":"{{wanted}}"} } },
             "status":{"observedGeneration":1,"conditions":[{{Accepted}}]} }
            """
        );
        var space = new ObjectMeta
        {
            Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["team"] = "shop" },
        };
        Assert.Equal(isSelected, PodWatch.Of(watch, Pod, space, Report()) is not null);
        Assert.Null(PodWatch.Of(watch, Pod, space: null, Report()));
        Assert.True(PodWatch.SelectsNamespaces(watch));
    }

    [Fact]
    public void Without_a_usable_report_the_reason_names_the_node()
    {
        Assert.Equal("no report of node n1 can be read", PodWatch.Of(Watch(""), Pod, null, report: null)?.NoTarget);
        var silent = Object(
            """{"metadata":{"name":"n1"},"status":{"conditions":[{"type":"Ready","status":"Unknown","message":"no report for 12 min"}]}}"""
        );
        Assert.Equal(
            "the report of node n1 is not current: no report for 12 min",
            PodWatch.Of(Watch(""), Pod, null, silent)?.NoTarget
        );
        var empty = Object(
            """{"metadata":{"name":"n1"},"status":{"omittedBelowPercent":30,"conditions":[{"type":"Ready","status":"True"}]}}"""
        );
        Assert.Equal(
            "no process of the pod is in the report: every constraint is below 30 %, or the agent has not scanned the pod yet",
            PodWatch.Of(Watch(""), Pod, null, empty)?.NoTarget
        );
    }

    [Fact]
    public void A_watch_that_was_not_evaluated_or_not_accepted_comes_first()
    {
        var changed = Watch("");
        changed["metadata"]!["generation"] = 2;
        Assert.Equal(
            "no controller has evaluated this version of the watch yet",
            PodWatch.Of(changed, Pod, null, Report())?.NoTarget
        );
        var refused = Watch("");
        refused["status"]!["conditions"] = JsonNode.Parse(
            """[{"type":"Accepted","status":"False","message":"spec.warnAtPercent: must be at least 1"}]"""
        );
        Assert.Equal(
            "the watch is not accepted: spec.warnAtPercent: must be at least 1",
            PodWatch.Of(refused, Pod, null, report: null)?.NoTarget
        );
    }

    [Fact]
    public void A_target_has_no_such_reason()
    {
        var watch = Watch("");
        watch["status"]!["targets"] = JsonNode.Parse("""[{"pod":{"namespace":"shop","name":"redis-0"}}]""");
        var found = PodWatch.Of(watch, Pod, space: null, report: null);
        Assert.NotNull(found);
        Assert.Null(found.NoTarget);
    }

    private static JsonObject Watch(string spec, string labels = """{"app":"redis"}""", string ns = "shop") =>
        Object(
            $$"""
            {"metadata":{"name":"w","namespace":"{{ns}}","generation":1},
             "spec":{"selector":{"matchLabels":{{labels}} }{{(spec.Length == 0 ? "" : $",{spec}")}} },
             "status":{"observedGeneration":1,"conditions":[{{Accepted}},
               {"type":"AtRisk","status":"False","reason":"Pending","message":"pod shop/redis-0 at 62 %, not yet for 120 s (holdSeconds)"}]} }
            """
        );

    private static JsonObject Report() =>
        Object(
            """
            {"metadata":{"name":"n1"},"spec":{"reportAtPercent":20},
             "status":{"kernel":{"overcommitMode":0},"conditions":[{"type":"Ready","status":"True"}],
              "processes":[
               {"pid":1,"command":"redis-server","pod":{"namespace":"shop","name":"redis-0","uid":"u1"},"container":{"name":"redis"},
                "verdict":"CanFork","constraints":[
                 {"type":"LargestMapping","unit":"Bytes","used":62,"limit":100,"percent":62,"confidence":"Exact"},
                 {"type":"Pids","unit":"Tasks","scope":"Pod","used":40,"limit":100,"percent":40,"confidence":"Exact"}]},
               {"pid":2,"command":"node","pod":{"namespace":"shop","name":"cart-0","uid":"u2"},"container":{"name":"redis"},
                "verdict":"CannotFork","constraints":[
                 {"type":"LargestMapping","unit":"Bytes","used":99,"limit":100,"percent":99,"confidence":"Exact"}]}]}}
            """
        );

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();
}
