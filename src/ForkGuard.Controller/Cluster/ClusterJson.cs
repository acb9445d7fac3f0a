using System.Text.Json.Serialization;

namespace ForkGuard.Controller.Cluster;

/// <summary>Reads what is needed of Kubernetes' own kinds, and skips the rest.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(Namespace))]
[JsonSerializable(typeof(Workload))]
[JsonSerializable(typeof(DisruptionBudget))]
[JsonSerializable(typeof(ConfigMap))]
internal sealed partial class ClusterJson : JsonSerializerContext;
