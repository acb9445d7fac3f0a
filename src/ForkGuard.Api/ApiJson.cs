using System.Text.Json.Serialization;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Api;

/// <summary>The JSON of the API: camelCase, enums as strings, absent members left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [
        typeof(TimeConverter),
        typeof(OpenEnumConverter<Confidence>),
        typeof(OpenEnumConverter<ConstraintScope>),
        typeof(OpenEnumConverter<ConstraintType>),
        typeof(OpenEnumConverter<ConstraintUnit>),
        typeof(OpenEnumConverter<EvaluationMode>),
        typeof(OpenEnumConverter<MappingKind>),
        typeof(OpenEnumConverter<RefusalKind>),
        typeof(OpenEnumConverter<RestartMethod>),
        typeof(OpenEnumConverter<RestartResult>),
        typeof(OpenEnumConverter<RestartState>),
        typeof(OpenEnumConverter<Verdict>),
        typeof(OpenEnumConverter<WatchAction>),
    ],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ForkWatch))]
[JsonSerializable(typeof(ClusterForkWatch))]
[JsonSerializable(typeof(ForkRestart))]
[JsonSerializable(typeof(NodeForkReport))]
public sealed partial class ApiJson : JsonSerializerContext;
