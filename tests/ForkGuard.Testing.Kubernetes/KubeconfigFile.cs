using k8s;
using k8s.KubeConfigModels;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>Kubeconfigs that hold a token.</summary>
internal static class KubeconfigFile
{
    private const string Name = "forkguard-tests";

    public static void Write(string path, string server, string? authority, string token, bool isInsecure = false)
    {
        K8SConfiguration configuration = new()
        {
            ApiVersion = "v1",
            Kind = "Config",
            CurrentContext = Name,
            Clusters =
            [
                new()
                {
                    Name = Name,
                    ClusterEndpoint = new()
                    {
                        Server = server,
                        CertificateAuthorityData = authority,
                        SkipTlsVerify = isInsecure,
                    },
                },
            ],
            Users =
            [
                new()
                {
                    Name = Name,
                    UserCredentials = new() { Token = token },
                },
            ],
            Contexts =
            [
                new()
                {
                    Name = Name,
                    ContextDetails = new() { Cluster = Name, User = Name },
                },
            ],
        };
        File.WriteAllText(path, KubernetesYaml.Serialize(configuration));
    }

    /// <summary>The same server, another token.</summary>
    public static void WriteWithToken(string path, string from, string token)
    {
        K8SConfiguration original = KubernetesClientConfiguration.LoadKubeConfig(from);
        string cluster = original
            .Contexts.Single(context => context.Name == original.CurrentContext)
            .ContextDetails.Cluster;
        ClusterEndpoint endpoint = original.Clusters.Single(one => one.Name == cluster).ClusterEndpoint;
        Write(path, endpoint.Server, endpoint.CertificateAuthorityData, token, endpoint.SkipTlsVerify);
    }
}
