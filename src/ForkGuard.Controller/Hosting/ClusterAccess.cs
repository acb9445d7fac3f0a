using k8s;
using k8s.Exceptions;
using YamlDotNet.Core;

namespace ForkGuard.Controller.Hosting;

/// <summary>How the API server is reached.</summary>
internal static class ClusterAccess
{
    private const string NamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    /// <summary>By the file given, else by the pod's service account, else by KUBECONFIG or ~/.kube/config.</summary>
    /// <exception cref="SettingsException">No file can be read, or it is not what it must be.</exception>
    internal static KubernetesClientConfiguration Configuration(Settings settings)
    {
        var ofEnvironment = Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } paths ? paths : null;
        try
        {
            return settings.Kubeconfig is { } file
                    ? KubernetesClientConfiguration.BuildConfigFromConfigFile(file.FullName)
                : KubernetesClientConfiguration.IsInCluster() ? KubernetesClientConfiguration.InClusterConfig()
                : ofEnvironment is not null ? KubernetesClientConfiguration.BuildDefaultConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile();
        }
        catch (Exception exception) when (exception is KubeConfigException or IOException or YamlException)
        {
            var source =
                settings.Kubeconfig is null && ofEnvironment is not null
                    ? $"KUBECONFIG is '{ofEnvironment}'"
                    : "--kubeconfig";
            throw new SettingsException($"{source}: {exception.Message}", exception);
        }
    }

    /// <summary>The namespace of the lease.</summary>
    /// <exception cref="SettingsException">None is given, and this is not a pod.</exception>
    internal static string NamespaceOf(Settings settings) =>
        settings.Namespace
        ?? (Environment.GetEnvironmentVariable("POD_NAMESPACE") is { Length: > 0 } given ? given : null)
        ?? (File.Exists(NamespaceFile) ? File.ReadAllText(NamespaceFile).Trim() : null)
        ?? throw new SettingsException(
            "outside of a pod --namespace or POD_NAMESPACE must name the namespace of the lease"
        );
}

/// <summary>The command line asks for something that is unavailable.</summary>
internal sealed class SettingsException(string message, Exception? inner = null) : Exception(message, inner);
