using System.Text.Json.Nodes;
using CsCheck;
using ForkGuard.Api;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>Watches whose values lie on both sides of every bound; all of them are of the right type.</summary>
internal static class WatchGen
{
    private static readonly Gen<JsonNode?> Absent = Gen.Const(() => (JsonNode?)null);
    private static readonly string Emoji = string.Concat(Enumerable.Repeat("\U0001F600", 200));

    // Each range is of good values for most choices of the others.
    private static readonly Gen<JsonNode?> Warn = Values(50, 60, 69, 70, 71, 89, 90, 1, 100, 91, 0, 101, 95);
    private static readonly Gen<JsonNode?> Act = Values(90, 91, 95, 99, 100, 89, 70, 69, 1, 0, 101);
    private static readonly Gen<JsonNode?> Clear = Values(1, 40, 49, 50, 59, 60, 69, 70, 99, 0, 100);
    private static readonly Gen<JsonNode?> Label = Texts(
        "a",
        "A-b_c.9",
        "",
        Long(63),
        Long(64),
        "a b",
        "-a",
        "a-",
        "a/b"
    );
    private static readonly Gen<JsonNode?> Key = Texts(
        "a",
        "A.b_c-9",
        "example.com/A",
        Long(63),
        Long(253) + "/a",
        Long(253) + "/" + Long(63),
        "",
        Long(64),
        Long(254) + "/a",
        "/a",
        "a/",
        "Example.com/a",
        "a..b/c",
        "a/b/c",
        "-a"
    );
    private static readonly Gen<JsonNode?> Operator = Texts("In", "NotIn", "Exists", "DoesNotExist", "in");
    private static readonly Gen<JsonNode?> Container = Texts(
        "a",
        "a-9",
        Long(63),
        "",
        Long(64),
        "A",
        "a.b",
        "-a",
        "a-"
    );
    private static readonly Gen<JsonNode?> Command = Texts(
        "a",
        "A b",
        "a\nb",
        Long(255),
        Emoji,
        "",
        Long(256),
        "/a",
        "a/"
    );
    private static readonly Gen<JsonNode?> Constraint = Texts(
        "Pids",
        "CopyOnWrite",
        "LargestMapping",
        "pids",
        "Landlock"
    );
    private static readonly Gen<JsonNode?> Unit = Texts(
        "a.service",
        @"a\x2d@1:_.scope",
        Long(247) + ".service",
        Long(248) + ".service",
        ".service",
        "a",
        "a.target",
        "a b.service"
    );
    private static readonly Gen<JsonNode?> Time = Texts(
        "00:00",
        "09:59",
        "19:00",
        "23:59",
        "24:00",
        "12:60",
        "2:00",
        "02:00\n",
        ""
    );
    private static readonly Gen<JsonNode?> Zone = Texts(
        "UTC",
        "Europe/Berlin",
        "Etc/GMT+1",
        "",
        "/UTC",
        "UTC/",
        "a//b",
        "../UTC",
        "1"
    );

    private static readonly Gen<JsonNode?> Window = Object(
        ("days", Rarely(List(Texts("Mon", "Tue", "Wed", "Sun", "monday"), 3))),
        ("start", Mostly(Time)),
        ("end", Mostly(Time)),
        ("timeZone", Rarely(Zone))
    );

    private static readonly Gen<JsonNode?> Restart = Object(
        ("method", Rarely(Texts("Evict", "Delete", "delete"))),
        ("cooldownSeconds", Rarely(Values(600, 604_800, 599, 604_801))),
        ("maxConcurrent", Rarely(Values(1, 100, 0, 101))),
        ("minReadyReplicas", Rarely(Values(0, 1000, -1, 1001))),
        ("maxIneffectiveRestarts", Rarely(Values(1, 100, 0, 101))),
        ("gracePeriodSeconds", Rarely(Values(1, 3600, 0, 3601))),
        ("windows", Rarely(List(Window, 2)))
    );

    private static readonly Gen<JsonNode?> Expression = Gen.Frequency(
        (4, Object(("key", Key), ("operator", Texts("In", "NotIn")), ("values", Label.Array[1, 2].Select(List)))),
        (4, Object(("key", Key), ("operator", Texts("Exists", "DoesNotExist")))),
        (1, Object(("key", Mostly(Key)), ("operator", Mostly(Operator)), ("values", Sometimes(List(Label, 2)))))
    );

    private static readonly Gen<JsonNode?> Selector = Gen.Frequency(
        (4, Object(("matchLabels", Labels(1)), ("matchExpressions", Rarely(List(Expression, 2))))),
        (4, Object(("matchExpressions", Expression.Array[1, 2].Select(List)))),
        (1, Object(("matchLabels", Sometimes(Labels(0))), ("matchExpressions", Sometimes(List(Expression, 2)))))
    );

    private static readonly (string, Gen<JsonNode?>)[] Both =
    [
        ("containers", Rarely(List(Container, 2))),
        ("commands", Rarely(List(Command, 2))),
        ("constraints", Rarely(List(Constraint, 2))),
        ("warnAtPercent", Sometimes(Warn)),
        ("actAtPercent", Sometimes(Act)),
        ("clearBelowPercent", Sometimes(Clear)),
        ("holdSeconds", Rarely(Values(0, 86_400, -1, 86_401))),
        ("forecastSeconds", Rarely(Values(60, 604_800, 59, 604_801))),
        ("evaluateAs", Rarely(Texts("Actual", "Heuristic", "Strict", "Always"))),
        ("action", Sometimes(Texts("Event", "Restart", "restart"))),
        ("restart", Sometimes(Restart)),
    ];

    public static Gen<JsonObject> Watch { get; } =
        Gen.OneOf(
            Object([("selector", Mostly(Selector)), .. Both])
                .Select(spec => Documents.Of(ForkGuardApi.ForkWatchKind, "w", spec)),
            Object([
                    ("selector", Sometimes(Selector)),
                    ("namespaceSelector", Rarely(Selector)),
                    (
                        "hostProcesses",
                        Sometimes(Object(("units", Rarely(List(Unit, 2))), ("commands", Rarely(List(Command, 2)))))
                    ),
                    .. Both,
                ])
                .Select(spec => Documents.Of(ForkGuardApi.ClusterForkWatchKind, "w", spec))
        );

    private static string Long(int length) => new('a', length);

    private static Gen<JsonNode?> Mostly(Gen<JsonNode?> gen) => Gen.Frequency((19, gen), (1, Absent));

    private static Gen<JsonNode?> Sometimes(Gen<JsonNode?> gen) => Gen.Frequency((1, gen), (1, Absent));

    private static Gen<JsonNode?> Rarely(Gen<JsonNode?> gen) => Gen.Frequency((1, gen), (5, Absent));

    // The first values are good ones, and are taken more often: a watch with many errors tells little about each.
    private static Gen<T> Biased<T>(T[] values) =>
        Gen.Frequency((9, Gen.OneOf(values[..((values.Length + 1) / 2)])), (1, Gen.OneOf(values)));

    private static Gen<JsonNode?> Values(params int[] values) => Biased(values).Select(value => (JsonNode?)value);

    private static Gen<JsonNode?> Texts(params string[] texts) => Biased(texts).Select(text => (JsonNode?)text);

    private static Gen<JsonNode?> List(Gen<JsonNode?> item, int longest) => item.Array[0, longest].Select(List);

    private static JsonNode? List(JsonNode?[] items) => new JsonArray(items);

    private static Gen<JsonNode?> Labels(int fewest) =>
        Gen.Select(Key, Label, (key, value) => KeyValuePair.Create(key!.GetValue<string>(), value))
            .Array[fewest, 2]
            .Select(labels => (JsonNode?)new JsonObject(labels.DistinctBy(label => label.Key, StringComparer.Ordinal)));

    private static Gen<JsonNode?> Object(params (string Name, Gen<JsonNode?> Value)[] members) =>
        members
            .Aggregate(
                Gen.Const(() => new List<KeyValuePair<string, JsonNode?>>()),
                (all, member) =>
                    all.SelectMany(list =>
                        member.Value.Select(value =>
                            value is null ? list : [.. list, KeyValuePair.Create(member.Name, (JsonNode?)value)]
                        )
                    )
            )
            .Select(list => (JsonNode?)new JsonObject(list));
}
