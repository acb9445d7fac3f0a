using OpenTelemetry.Resources;

namespace ForkGuard.Telemetry;

/// <summary>The program that measures, as the resource attributes of OpenTelemetry name it.</summary>
/// <param name="Name">Value of <c>service.name</c>, such as forkguard-agent.</param>
/// <param name="Node">Name of the Kubernetes node; null outside of a cluster.</param>
internal sealed record ServiceIdentity(string Name, string? Node = null)
{
    /// <summary>Name and version of this build.</summary>
    internal static string Version { get; } =
        typeof(ServiceIdentity).Assembly.GetName().Version?.ToString(fieldCount: 3) ?? "0.0.0";

    /// <summary>Returns the resource. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have precedence over what is known here.</summary>
    internal ResourceBuilder Resource() =>
        ResourceBuilder
            .CreateEmpty()
            .AddService(Name, serviceVersion: Version, autoGenerateServiceInstanceId: true)
            .AddAttributes(Attributes())
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();

    private IEnumerable<KeyValuePair<string, object>> Attributes()
    {
        yield return new("host.name", Node ?? Environment.MachineName);
        if (Node is not null)
        {
            yield return new("k8s.node.name", Node);
        }

        if (EnvironmentText.Read("POD_NAME") is { } pod)
        {
            yield return new("k8s.pod.name", pod);
        }

        if (EnvironmentText.Read("POD_NAMESPACE") is { } ns)
        {
            yield return new("k8s.namespace.name", ns);
        }
    }
}
