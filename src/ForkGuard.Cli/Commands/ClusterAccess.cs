using System.Security.Cryptography;
using ForkGuard.Agent.Reporting;
using ForkGuard.Api;
using ForkGuard.Cli.Output;
using YamlDotNet.Core;
using k8s.Exceptions;
using k8s;

namespace ForkGuard.Cli.Commands;

/// <summary>How the API server is reached.</summary>
internal static class ClusterAccess
{
    /// <summary>
    /// The kubeconfig that is named, or the pod's service account, or the kubeconfig of KUBECONFIG or the home folder.
    /// Null, and an error on standard error, if there is none or it is invalid.
    /// </summary>
    internal static ApiServer? Connect(string? kubeconfig)
    {
        try
        {
            return new ApiServer(
                kubeconfig is null && KubernetesClientConfiguration.IsInCluster()
                    ? KubernetesClientConfiguration.InClusterConfig()
                    : KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig)
            );
        }
        catch (NullReferenceException)
        {
            // The client's answer to a file without a document.
            StandardError.WriteLine($"--kubeconfig: {PrintableText.Escape(kubeconfig ?? "")}: the file is empty"
            );
            return null;
        }
        catch (Exception e)
            when (e
                    is KubeConfigException
                        or YamlException
                        or IOException
                        or UnauthorizedAccessException
                        or CryptographicException
                        or FormatException
            )
        {
            var where = kubeconfig is null
                ? "there is no service account of a pod, and the kubeconfig cannot be used"
                : $"--kubeconfig: {PrintableText.Escape(kubeconfig)}";
            StandardError.WriteLine($"{where}: {PrintableText.Escape(e.Message)}");
            return null;
        }
    }
}
