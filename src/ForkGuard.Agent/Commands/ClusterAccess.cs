using ForkGuard.Api;
using k8s;
using k8s.Exceptions;
using YamlDotNet.Core;

namespace ForkGuard.Agent.Commands;

/// <summary>How the API server is reached.</summary>
internal static class ClusterAccess
{
    /// <summary>
    /// The kubeconfig that is named, or the pod's service account, or the kubeconfig of KUBECONFIG or the home folder.
    /// Null, and told on standard error, if there is none or it is wrong.
    /// </summary>
    internal static KubernetesClientConfiguration? Find(string? kubeconfig)
    {
        try
        {
            return kubeconfig is null && KubernetesClientConfiguration.IsInCluster()
                ? KubernetesClientConfiguration.InClusterConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        }
        catch (Exception e)
            when (e
                    is KubeConfigException
                        or YamlException
                        or IOException
                        or UnauthorizedAccessException
                        or FormatException
            )
        {
            var where = kubeconfig is null
                ? "there is no service account of a pod, and the kubeconfig cannot be used"
                : $"--kubeconfig: {PrintableText.Escape(kubeconfig)}";
            Console.Error.WriteLine($"forkguard: {where}: {PrintableText.Escape(e.Message)}");
            return null;
        }
    }
}
