using System.Text.Json.Serialization;

namespace ForkGuard.ControllerRuntime.Tests;

/// <summary>An object of the tests' own kind, read into records of their own.</summary>
internal sealed record Gauge
{
    public static readonly ResourceKind<Gauge> Kind = new(
        "runtime.forkguard.io",
        "v1",
        "Gauge",
        "gauges",
        Namespaced: true,
        gauge =>
            new(
                new(gauge.Metadata.Namespace ?? "", gauge.Metadata.Name),
                gauge.Metadata.Uid ?? "",
                gauge.Metadata.ResourceVersion ?? ""
            ),
        GaugeJson.Default.Gauge
    );

    public string ApiVersion { get; init; } = Kind?.ApiVersion ?? "runtime.forkguard.io/v1";
    public required GaugeMetadata Metadata { get; init; }
    public required GaugeSpec Spec { get; init; }
    public GaugeStatus? Status { get; init; }

    [JsonPropertyName("kind")]
    public string KindName { get; init; } = "Gauge";

    public static Gauge Named(string name, int target = 1) =>
        new()
        {
            Metadata = new() { Name = name },
            Spec = new() { Target = target },
        };
}

internal sealed record GaugeMetadata
{
    public required string Name { get; init; }
    public string? Namespace { get; init; }
    public string? Uid { get; init; }
    public string? ResourceVersion { get; init; }
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

internal sealed record GaugeSpec
{
    public required int Target { get; init; }
}

internal sealed record GaugeStatus
{
    public int? Level { get; init; }
    public string? Note { get; init; }
    public GaugeRange? Range { get; init; }
}

internal sealed record GaugeRange
{
    public int? From { get; init; }
    public int? To { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(Gauge))]
internal sealed partial class GaugeJson : JsonSerializerContext;
