using System.Net;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;
using k8s.Autorest;

namespace ForkGuard.Controller.Restarts;

/// <summary>The live switch: <c>restarts: "Off"</c> in the controller's ConfigMap ends all restarts at once.</summary>
internal sealed class RestartSwitch(ClusterReader cluster, string ns)
{
    internal const string ConfigMapName = "forkguard-controller";
    private const string Key = "restarts";

    /// <summary>Why restarts are off, as of now; null if they are on, which they are without the ConfigMap.</summary>
    internal async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var key = new ResourceKey(ns, ConfigMapName);
            var map = await cluster.ReadAsync(Kinds.ConfigMaps, key, cancellationToken);
            return map?.Data?.GetValueOrDefault(Key) is not { } value || IsOn(value)
                ? null
                : $"ConfigMap {ns}/{ConfigMapName} has restarts: Off";
        }
        catch (HttpOperationException refused) when (refused.Response.StatusCode == HttpStatusCode.Forbidden)
        {
            return $"ConfigMap {ns}/{ConfigMapName}, which may switch restarts off, may not be read";
        }
    }

    private static bool IsOn(string value) => string.Equals(value.Trim(), "On", StringComparison.OrdinalIgnoreCase);
}
