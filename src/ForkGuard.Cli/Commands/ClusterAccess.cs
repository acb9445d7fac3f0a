using System.Security.Cryptography;
using ForkGuard.Agent.Reporting;
using ForkGuard.Api;
using ForkGuard.Telemetry;
using k8s;
using k8s.Exceptions;
using YamlDotNet.Core;

namespace ForkGuard.Cli.Commands;

/// <summary>How the API server is reached.</summary>
internal static class ClusterAccess
{
    /// <summary>A page of reports of 64 KiB each.</summary>
    private const int MaxListBytes = 32 << 20;

    /// <summary>
    /// The kubeconfig that is named, or the pod's service account, or the kubeconfig of KUBECONFIG or the home folder.
    /// Null, and an error on standard error, if there is none or it is invalid.
    /// </summary>
    internal static ApiServer? Connect(string? kubeconfig) =>
        Connect(
            kubeconfig,
            () =>
                new ApiServer(
                    kubeconfig is null && KubernetesClientConfiguration.IsInCluster()
                        ? KubernetesClientConfiguration.InClusterConfig()
                        : Load(kubeconfig, context: null)
                )
        );

    /// <summary>
    /// As kubectl: the kubeconfig that is named, or those of KUBECONFIG, or that of the home folder, or the pod's service account.
    /// Null, and an error on standard error, if there is none or it is invalid.
    /// </summary>
    internal static UserConnection? ConnectAsUser(string? kubeconfig, string? context) =>
        Connect(
            kubeconfig,
            () =>
            {
                var isAnyFile =
                    kubeconfig is not null
                    || (
                        OfEnvironment is { } paths
                            ? KubeconfigFiles.Existing(paths).Any()
                            : File.Exists(KubernetesClientConfiguration.KubeConfigDefaultLocation)
                    );
                var configuration =
                    !isAnyFile && KubernetesClientConfiguration.IsInCluster()
                        ? KubernetesClientConfiguration.InClusterConfig()
                        : Load(kubeconfig, context);
                return new UserConnection(new ApiServer(configuration, MaxListBytes), configuration.Namespace);
            }
        );

    private static KubernetesClientConfiguration Load(string? kubeconfig, string? context) =>
        kubeconfig is null && OfEnvironment is { } paths
            ? KubernetesClientConfiguration.BuildConfigFromConfigObject(KubeconfigFiles.Load(paths), context)
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig, context);

    /// <summary>The value of KUBECONFIG; null if it is not set.</summary>
    private static string? OfEnvironment =>
        Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } paths ? paths : null;

    private static T? Connect<T>(string? kubeconfig, Func<T> connect)
        where T : class
    {
        try
        {
            return connect();
        }
        catch (NullReferenceException)
        {
            // The client's answer to a file without a document.
            StandardError.WriteLine($"--kubeconfig: {PrintableText.Escape(kubeconfig ?? "")}: the file is empty");
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
            var where =
                kubeconfig is not null ? $"--kubeconfig: {PrintableText.Escape(kubeconfig)}"
                : OfEnvironment is { } paths
                    ? $"there is no service account of a pod, and the kubeconfig cannot be used (KUBECONFIG is {PrintableText.Quote(paths)})"
                : "there is no service account of a pod, and the kubeconfig cannot be used";
            StandardError.WriteLine($"{where}: {PrintableText.Escape(e.Message)}");
            return null;
        }
    }
}

/// <summary>A connection with the rights of a user.</summary>
/// <param name="Api">The server.</param>
/// <param name="Namespace">Namespace of the context; null if it names none.</param>
internal sealed record UserConnection(ApiServer Api, string? Namespace);
