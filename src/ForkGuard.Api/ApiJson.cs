using System.Text.Json.Serialization;

namespace ForkGuard.Api;

/// <summary>The JSON of the API: camelCase, enums as strings, absent members left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [typeof(TimeConverter)],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ForkWatch))]
[JsonSerializable(typeof(ClusterForkWatch))]
[JsonSerializable(typeof(NodeForkReport))]
public sealed partial class ApiJson : JsonSerializerContext;
