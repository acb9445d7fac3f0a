using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api.Validation;

namespace ForkGuard.Api.Tests;

public sealed class WatchRulesTests
{
    [Theory]
    [InlineData(""" "warnAtPercent": 0 """, "spec.warnAtPercent: is 0 but must be from 1 to 100")]
    [InlineData(""" "warnAtPercent": 101 """, "spec.warnAtPercent: is 101 but must be from 1 to 100")]
    [InlineData(""" "actAtPercent": 0 """, "spec.actAtPercent: is 0 but must be from 1 to 100")]
    [InlineData(""" "clearBelowPercent": -1 """, "spec.clearBelowPercent: is -1 but must be from 1 to 99")]
    [InlineData(""" "holdSeconds": 86401 """, "spec.holdSeconds: is 86401 but must be from 0 to 86400")]
    [InlineData(""" "forecastSeconds": 59 """, "spec.forecastSeconds: is 59 but must be from 60 to 604800")]
    [InlineData(
        """ "warnAtPercent": 70, "actAtPercent": 60 """,
        "spec.actAtPercent: is 60 but must not be below warnAtPercent (70)"
    )]
    [InlineData(
        """ "warnAtPercent": 95 """,
        "spec.warnAtPercent: is 95 but must not be above actAtPercent, which is 90 by default; lower it, or give actAtPercent too"
    )]
    [InlineData(
        """ "actAtPercent": 60 """,
        "spec.actAtPercent: is 60 but must not be below warnAtPercent, which is 70 by default; raise it, or give warnAtPercent too"
    )]
    [InlineData(
        """ "clearBelowPercent": 70 """,
        "spec.clearBelowPercent: is 70 but must be below warnAtPercent, which is 70 by default"
    )]
    [InlineData(
        """ "clearBelowPercent": 50, "warnAtPercent": 50 """,
        "spec.clearBelowPercent: is 50 but must be below warnAtPercent (50)"
    )]
    [InlineData(""" "containers": ["Redis"] """, "spec.containers[0]: is \"Redis\" but must be 1 to 63 of a-z")]
    [InlineData(
        """ "commands": ["a", "/usr/bin/redis-server"] """,
        "spec.commands[1]: is \"/usr/bin/redis-server\" but must be the process name, not the path: \"redis-server\"; the kernel's name is compared, which is the first 15 bytes"
    )]
    [InlineData(""" "commands": [""] """, "spec.commands[0]: is 0 characters long but must be 1 to 255")]
    [InlineData(""" "commands": ["a", "b", "a"] """, "spec.commands[2]: repeats \"a\" of [0]; leave one out")]
    [InlineData(
        """ "restart": {"cooldownSeconds": 599} """,
        "spec.restart.cooldownSeconds: is 599 but must be from 600 to 604800"
    )]
    [InlineData(""" "restart": {"maxConcurrent": 0} """, "spec.restart.maxConcurrent: is 0 but must be from 1 to 100")]
    [InlineData(
        """ "restart": {"minReadyReplicas": 1001} """,
        "spec.restart.minReadyReplicas: is 1001 but must be from 0 to 1000"
    )]
    [InlineData(
        """ "restart": {"maxIneffectiveRestarts": 0} """,
        "spec.restart.maxIneffectiveRestarts: is 0 but must be from 1 to 100"
    )]
    [InlineData(
        """ "restart": {"gracePeriodSeconds": 0} """,
        "spec.restart.gracePeriodSeconds: is 0 but must be from 1 to 3600"
    )]
    [InlineData(
        """ "restart": {"windows": [{"end": "05:00"}]} """,
        "spec.restart.windows[0].start: is missing and must be HH:MM, such as \"02:00\""
    )]
    [InlineData(
        """ "restart": {"windows": [{"start": "2:00", "end": "05:00"}]} """,
        "spec.restart.windows[0].start: is \"2:00\" but must be HH:MM, from 00:00 to 23:59"
    )]
    [InlineData(
        """ "restart": {"windows": [{"start": "02:00", "end": "24:00"}]} """,
        "spec.restart.windows[0].end: is \"24:00\" but must be HH:MM, from 00:00 to 23:59"
    )]
    [InlineData(
        """ "restart": {"windows": [{"start": "02:00", "end": "02:00"}]} """,
        "spec.restart.windows[0].end: is 02:00, the same as start"
    )]
    [InlineData(
        """ "restart": {"windows": [{"start": "02:00", "end": "03:00", "timeZone": "Europe/Bärlin"}]} """,
        "spec.restart.windows[0].timeZone: is \"Europe/Bärlin\", no known IANA time zone"
    )]
    [InlineData(
        """ "restart": {"windows": [{"start": "02:00", "end": "03:00", "days": ["Mon", "Tue", "Mon"]}]} """,
        "spec.restart.windows[0].days: names Mon 2 times; once is right"
    )]
    public void A_rule_of_every_watch(string spec, string error)
    {
        Assert.StartsWith(error, Assert.Single(Documents.Errors(Documents.ForkWatch(spec))), StringComparison.Ordinal);
        var cluster = Documents.ClusterForkWatch($$""" "hostProcesses": {}, {{spec}} """);
        Assert.StartsWith(error, Assert.Single(Documents.Errors(cluster)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "spec.selector: is empty and would match every pod")]
    [InlineData("""{"matchLabels": {}, "matchExpressions": []}""", "spec.selector: is empty and would match every pod")]
    [InlineData("""{"matchLabels": {"-x": "a"}}""", "spec.selector.matchLabels.-x: \"-x\" is not a label key")]
    [InlineData(
        """{"matchLabels": {"a.io/b/c": "a"}}""",
        "spec.selector.matchLabels[a.io/b/c]: \"a.io/b/c\" is not a label key"
    )]
    [InlineData(
        """{"matchLabels": {"A.io/b": "a"}}""",
        "spec.selector.matchLabels[A.io/b]: \"A.io/b\" is not a label key"
    )]
    [InlineData(
        """{"matchLabels": {"app": "no spaces"}}""",
        "spec.selector.matchLabels.app: is \"no spaces\" but must be at most 63 of"
    )]
    [InlineData(
        """{"matchExpressions": [{"key": "a", "operator": "In"}]}""",
        "spec.selector.matchExpressions[0].values: is missing or empty; operator In needs at least one value"
    )]
    [InlineData(
        """{"matchExpressions": [{"key": "a", "operator": "NotIn", "values": []}]}""",
        "spec.selector.matchExpressions[0].values: is missing or empty"
    )]
    [InlineData(
        """{"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}""",
        "spec.selector.matchExpressions[0].values: must be left out with operator Exists"
    )]
    [InlineData(
        """{"matchExpressions": [{"key": "a", "operator": "DoesNotExist", "values": ["b"]}]}""",
        "spec.selector.matchExpressions[0].values: must be left out"
    )]
    [InlineData(
        """{"matchExpressions": [{"key": "a", "operator": "exists"}]}""",
        "spec.selector.matchExpressions[0].operator: is \"exists\" but must be In, NotIn, Exists or DoesNotExist; did you mean Exists?"
    )]
    [InlineData(
        """{"matchExpressions": [{"key": "a", "operator": "In", "values": ["b", "b/c"]}]}""",
        "spec.selector.matchExpressions[0].values[1]: is \"b/c\" but must be"
    )]
    [InlineData(
        """{"matchExpressions": [{"key": "", "operator": "Exists"}]}""",
        "spec.selector.matchExpressions[0].key: \"\" is not a label key"
    )]
    [InlineData(
        """{"matchExpressions": [{"operator": "Exists"}]}""",
        "spec.selector.matchExpressions[0].key: is missing and must be given"
    )]
    public void A_rule_of_selectors(string selector, string error)
    {
        var cluster = Documents.ClusterForkWatch($$""" "selector": {{selector}} """);
        Assert.StartsWith(error, Assert.Single(Documents.Errors(cluster)), StringComparison.Ordinal);
        var watch = Documents.ForkWatch("");
        watch["spec"]!["selector"] = JsonNode.Parse(selector);
        Assert.StartsWith(error, Assert.Single(Documents.Errors(watch)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "spec: has no target; give a selector (pods), hostProcesses ({} means all of them) or both")]
    [InlineData(
        """ "hostProcesses": {}, "action": "Restart" """,
        "spec.action: is Restart but host processes are never restarted; give a selector, or action: Event"
    )]
    [InlineData(
        """ "hostProcesses": {}, "namespaceSelector": {} """,
        "spec.namespaceSelector: does nothing without a selector; give one, or leave this out"
    )]
    [InlineData(
        """ "hostProcesses": {"units": ["docker"]} """,
        "spec.hostProcesses.units[0]: is \"docker\" but must be a systemd unit with its type, such as docker.service"
    )]
    [InlineData(
        """ "hostProcesses": {"units": ["redis*.service"]} """,
        "spec.hostProcesses.units[0]: is \"redis*.service\" but must be a systemd unit with its type, such as docker.service"
    )]
    [InlineData(
        """ "hostProcesses": {"commands": ["bin/x"]} """,
        "spec.hostProcesses.commands[0]: is \"bin/x\" but must be the process name, not the path: \"x\""
    )]
    public void A_rule_of_cluster_watches(string spec, string error) =>
        Assert.StartsWith(
            error,
            Assert.Single(Documents.Errors(Documents.ClusterForkWatch(spec))),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("""{"name": "w", "namespace": "a.b"}""", "metadata.namespace: is \"a.b\" but must be 1 to 63 of")]
    [InlineData("""{"name": "W"}""", "metadata.name: is \"W\" but must be 1 to 253 of")]
    [InlineData("""{"generateName": "w-"}""", "metadata.name: is missing and must be given")]
    [InlineData("null", "metadata.name: is missing and must be given")]
    public void A_rule_of_metadata(string metadata, string error)
    {
        var watch = Documents.ForkWatch("");
        watch["metadata"] = JsonNode.Parse(metadata);
        Assert.StartsWith(error, Assert.Single(Documents.Errors(watch)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cluster_watch_belongs_to_no_namespace()
    {
        var watch = Documents.ClusterForkWatch(""" "hostProcesses": {} """);
        watch["metadata"]!["namespace"] = "default";
        Assert.StartsWith(
            "metadata.namespace: must be left out",
            Assert.Single(Documents.Errors(watch)),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("ForkWatch", "spec: is missing and must be given, with at least a selector")]
    [InlineData("ClusterForkWatch", "spec: is missing and must be given, with a selector, hostProcesses or both")]
    public void A_watch_needs_a_spec(string kind, string error)
    {
        var watch = new JsonObject
        {
            ["apiVersion"] = ForkGuardApi.ApiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = "w" },
        };
        Assert.Equal([error], Documents.Errors(watch));
    }

    [Fact]
    public void A_fork_watch_needs_a_selector()
    {
        var watch = Documents.ForkWatch("");
        watch["spec"] = new JsonObject();
        Assert.StartsWith(
            "spec.selector: is missing and must be given",
            Assert.Single(Documents.Errors(watch)),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(""" "warnAtPercent": 1, "actAtPercent": 1 """)]
    [InlineData(""" "warnAtPercent": 100, "actAtPercent": 100, "clearBelowPercent": 99 """)]
    [InlineData(""" "containers": [], "commands": [], "restart": {"windows": []} """)]
    [InlineData(""" "commands": ["a-name-longer-than-fifteen-bytes"] """)]
    [InlineData(""" "evaluateAs": "Strict", "action": "Restart" """)]
    [InlineData(""" "action": "Event", "restart": {"minReadyReplicas": 0} """)]
    [InlineData(""" "restart": {"windows": [{"start": "23:00", "end": "01:00", "timeZone": "UTC", "days": []}]} """)]
    [InlineData(""" "holdSeconds": null, "commands": null """)]
    public void What_a_watch_may_say(string spec) => Assert.Empty(Documents.Errors(Documents.ForkWatch(spec)));

    [Fact]
    public void Units_are_restarted_on_a_host_and_never_in_a_cluster()
    {
        var document = Documents.ClusterForkWatch(
            """ "hostProcesses": {"units": ["redis.service"]}, "action": "Restart" """
        );
        const string inCluster =
            "spec.action: is Restart but host processes are never restarted; give a selector, or action: Event";
        var onHost = WatchDocument.ReadOnHost(document);
        Assert.Empty(onHost.Errors);
        Assert.Equal(inCluster, Assert.Single(Documents.Errors(document)));
        var error = Assert.Single(WatchValidator.Validate(onHost.ClusterForkWatch!));
        Assert.Equal(inCluster, $"{error.Path}: {error.Message}");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"units": []}""")]
    [InlineData("""{"commands": ["redis-server"]}""")]
    public void A_restart_on_a_host_needs_the_names_of_units(string processes)
    {
        var document = Documents.ClusterForkWatch($$""" "hostProcesses": {{processes}}, "action": "Restart" """);
        var error = Assert.Single(WatchDocument.ReadOnHost(document).Errors);
        Assert.Equal("spec.action", error.Path);
        Assert.Equal(
            "is Restart but hostProcesses names no unit to restart; give hostProcesses.units, or action: Event",
            error.Message
        );
    }

    [Fact]
    public void A_watch_from_elsewhere_is_judged_by_the_same_rules()
    {
        var watch = new ForkWatch { Spec = new ForkWatchSpec { WarnAtPercent = 95 } };
        Assert.Equal("metadata.name spec.selector spec.warnAtPercent", Documents.Paths(WatchValidator.Validate(watch)));
        var cluster = new ClusterForkWatch { Spec = new ClusterForkWatchSpec { HoldSeconds = -1 } };
        Assert.Equal("metadata.name spec spec.holdSeconds", Documents.Paths(WatchValidator.Validate(cluster)));
    }

    [Theory]
    [InlineData("Europe/Berlin", true, true)]
    [InlineData("America/Argentina/Buenos_Aires", true, true)]
    [InlineData("Etc/GMT+1", true, true)]
    [InlineData("Europe/Atlantis", true, false)]
    [InlineData("Europe/Atlantis", false, true)]
    [InlineData("../../etc/passwd", false, false)]
    [InlineData("/usr/share/zoneinfo/UTC", false, false)]
    [InlineData("", false, false)]
    public void Time_zones_are_looked_up_where_there_is_data(string name, bool hasData, bool known) =>
        Assert.Equal(known, TimeZoneNames.IsKnown(name, hasData));

    [Theory]
    [InlineData("""{"metadata": {"name": "w"}, "spec": {"selector": {"matchLabels": {"a": "b"}}}}""")]
    public void What_is_absent_keeps_its_default(string json)
    {
        var watch = JsonSerializer.Deserialize(json, ApiJson.Default.ForkWatch)!;
        Assert.Equal((ForkGuardApi.ApiVersion, ForkGuardApi.ForkWatchKind), (watch.ApiVersion, watch.Kind));
    }
}
