using System.Text.Json.Nodes;
using ForkGuard.Api.Validation;

namespace ForkGuard.Api.Tests;

public sealed class WatchDocumentTests
{
    [Theory]
    [InlineData(""" "warnAtPercnt": 95 """, "spec.warnAtPercnt: unknown field; did you mean warnAtPercent?")]
    [InlineData(""" "WARNATPERCENT": 95 """, "spec.WARNATPERCENT: unknown field; did you mean warnAtPercent?")]
    [InlineData(""" "cooldownSeconds": 60 """, "spec.cooldownSeconds: unknown field; it belongs under restart")]
    [InlineData(
        """ "colour": 1 """,
        "spec.colour: unknown field; known here: selector, namespaceSelector, containers, commands,"
    )]
    [InlineData(
        """ "restart": {"windows": [{"start": "01:00", "end": "02:00", "day": []}]} """,
        "spec.restart.windows[0].day: unknown field; did you mean days?"
    )]
    [InlineData(
        """ "warnAtPercent": "70" """,
        "spec.warnAtPercent: is the text \"70\" but must be a whole number; leave the quotes out"
    )]
    [InlineData(""" "warnAtPercent": "much" """, "spec.warnAtPercent: is the text \"much\" but must be a whole number")]
    [InlineData(""" "warnAtPercent": 70.5 """, "spec.warnAtPercent: is the number 70.5 but must be a whole number")]
    [InlineData(""" "warnAtPercent": 7e1 """, "spec.warnAtPercent: is the number 7e1 but must be a whole number")]
    [InlineData(
        """ "holdSeconds": 99999999999999999999 """,
        "spec.holdSeconds: is the number 99999999999999999999 but must be a whole number from -2147483648 to 2147483647"
    )]
    [InlineData(""" "holdSeconds": true """, "spec.holdSeconds: is true but must be a whole number")]
    [InlineData(""" "paused": "yes" """, "spec.paused: is the text \"yes\" but must be true or false")]
    [InlineData(""" "action": "Reboot" """, "spec.action: is \"Reboot\" but must be Event or Restart")]
    [InlineData(
        """ "action": "restart" """,
        "spec.action: is \"restart\" but must be Event or Restart; did you mean Restart?"
    )]
    [InlineData(""" "action": 1 """, "spec.action: is the number 1 but must be Event or Restart")]
    [InlineData(
        """ "evaluateAs": "Actual, Strict" """,
        "spec.evaluateAs: is \"Actual, Strict\" but must be Actual, Heuristic or Strict"
    )]
    [InlineData(
        """ "restart": {"windows": [{"start": "01:00", "end": "02:00", "days": ["Mon", "Monday"]}]} """,
        "spec.restart.windows[0].days[1]: is \"Monday\" but must be Mon, Tue,"
    )]
    [InlineData(""" "commands": "redis" """, "spec.commands: is the text \"redis\" but must be a list")]
    [InlineData(""" "commands": [["redis"]] """, "spec.commands[0]: is a list but must be text")]
    [InlineData(""" "commands": [6379] """, "spec.commands[0]: is the number 6379 but must be text; put it in quotes")]
    [InlineData(""" "commands": [null] """, "spec.commands[0]: is null but must be text")]
    [InlineData(
        """ "restart": [] """,
        "spec.restart: is a list but must be an object; its fields: method, cooldownSeconds,"
    )]
    [InlineData(
        """ "hostProcesses": {"units": [], "commands": [], "names": []} """,
        "spec.hostProcesses.names: unknown field; every field known here is given already"
    )]
    [InlineData(""" "restart": {"windows": [null]} """, "spec.restart.windows[0]: is null; leave it out")]
    [InlineData(
        """ "selector": {"matchLabels": {"app": null}} """,
        "spec.selector.matchLabels.app: is null but must be text; \"\" is the empty one"
    )]
    [InlineData(
        """ "selector": {"matchLabels": ["app"]} """,
        "spec.selector.matchLabels: is a list but must be an object of names and values"
    )]
    [InlineData(
        """ "selector": {"matchLables": {"app": "a"}} """,
        "spec.selector.matchLables: unknown field; did you mean matchLabels?"
    )]
    [InlineData(
        """ "selector": {"matchExpressions": [{"key": "a", "operater": "Exists"}]} """,
        "spec.selector.matchExpressions[0].operater: unknown field; did you mean operator?"
    )]
    public void One_mistake_of_structure_is_told_once(string spec, string error)
    {
        var hasTarget =
            spec.Contains("selector", StringComparison.Ordinal) || spec.Contains("hostP", StringComparison.Ordinal);
        var target = hasTarget ? "" : """ "hostProcesses": {}, """;
        var document = Documents.ClusterForkWatch(target + spec);
        Assert.StartsWith(error, Assert.Single(Documents.Errors(document)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[]""", "is a list but must be an object with apiVersion, kind, metadata and spec")]
    [InlineData("""null""", "is null but must be an object with apiVersion, kind, metadata and spec")]
    [InlineData(
        """{}""",
        "apiVersion: is missing and must be forkguard.io/v1alpha1",
        "kind: is missing and must be ForkWatch or ClusterForkWatch"
    )]
    [InlineData(
        """{"apiVersion": 1, "kind": ["ForkWatch"]}""",
        "apiVersion: is the number 1 but must be forkguard.io/v1alpha1",
        "kind: is a list but must be ForkWatch or ClusterForkWatch"
    )]
    [InlineData(
        """{"apiVersion": "forkguard.io/v1", "kind": "NodeForkReport"}""",
        "apiVersion: is \"forkguard.io/v1\" but must be forkguard.io/v1alpha1",
        "kind: is NodeForkReport, which only the agents write; must be ForkWatch or ClusterForkWatch"
    )]
    [InlineData(
        """{"apiVersion": "forkguard.io/v1alpha1", "kind": "Forkwatch"}""",
        "kind: is \"Forkwatch\" but must be ForkWatch or ClusterForkWatch; did you mean ForkWatch?"
    )]
    public void A_document_says_what_it_is(string json, params string[] errors) =>
        Assert.Equal(errors, Documents.Errors(JsonNode.Parse(json)));

    [Fact]
    public void Errors_of_structure_and_of_meaning_come_together()
    {
        var document = Documents.ForkWatch(
            """ "colour": 1, "warnAtPercent": 70, "actAtPercent": 60, "commands": [5, "/x"] """
        );
        document["apiVersion"] = "forkguard.io/v2";
        document["metadata"]!["lables"] = new JsonObject();
        var read = WatchDocument.Read(document);
        Assert.Equal(
            "apiVersion metadata.lables spec.colour spec.commands[0] spec.commands[1] spec.actAtPercent",
            Documents.Paths(read.Errors)
        );
        Assert.Null(read.ForkWatch);
    }

    [Fact]
    public void A_level_that_could_not_be_read_is_not_taken_for_its_default()
    {
        var document = Documents.ForkWatch(""" "warnAtPercent": 95, "clearBelowPercent": 94, "actAtPercent": "99" """);
        Assert.StartsWith(
            "spec.actAtPercent: is the text",
            Assert.Single(Documents.Errors(document)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_kubernetes_adds_is_accepted()
    {
        var document = Documents.ForkWatch("");
        document["metadata"] = JsonNode.Parse(
            """
            {"name": "w", "generateName": "w-", "selfLink": "/w", "deletionGracePeriodSeconds": 30, "creationTimestamp": null,
             "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:spec": {}}}]}
            """
        );
        document["status"] = JsonNode.Parse("""{"worstPercent": "?", "unheardOf": []}""");
        var read = WatchDocument.Read(document);
        Assert.Empty(read.Errors);
        Assert.Equal("w", read.ForkWatch?.Metadata?.Name);
        Assert.Null(read.ForkWatch?.Status);
    }

    [Theory]
    [InlineData("metadata", "metadata: is the text \"x\" but must be an object; its fields: name, namespace,")]
    [InlineData("spec", "spec: is the text \"x\" but must be an object; its fields: selector, containers,")]
    public void What_is_missing_within_an_unreadable_part_is_not_told_as_well(string part, string error)
    {
        var document = Documents.ForkWatch("");
        document[part] = "x";
        Assert.StartsWith(error, Assert.Single(Documents.Errors(document)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_that_is_none_is_an_error()
    {
        var document = Documents.ForkWatch("");
        document["metadata"]!["creationTimestamp"] = "yesterday";
        Assert.Equal(
            ["metadata.creationTimestamp: is the text \"yesterday\" but must be a time such as 2026-01-31T12:00:00Z"],
            Documents.Errors(document)
        );
    }

    [Fact]
    public void A_bad_value_cannot_steer_the_terminal()
    {
        var document = Documents.ForkWatch(
            """ "action": "\u001b]0;owned\u0007", "\u001b[2J": 1, "commands": ["/\u202e\u2028x"] """
        );
        var errors = string.Concat(Documents.Errors(document));
        Assert.DoesNotContain(errors, c => char.IsControl(c) || c is '\u202e' or '\u2028');
        Assert.Contains("\"\\u001b]0;owned\\u0007\"", errors, StringComparison.Ordinal);
        Assert.Contains("spec[\\u001b[2J]", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_value_is_cut()
    {
        var document = Documents.ForkWatch($$""" "action": "{{new string('x', 100_000)}}" """);
        Assert.InRange(Assert.Single(Documents.Errors(document)).Length, 80, 200);
    }

    [Fact]
    public void The_document_is_not_changed()
    {
        var document = Documents.ForkWatch(""" "colour": 1, "commands": [5] """);
        var before = document.ToJsonString();
        WatchDocument.Read(document);
        Assert.Equal(before, document.ToJsonString());
    }
}
