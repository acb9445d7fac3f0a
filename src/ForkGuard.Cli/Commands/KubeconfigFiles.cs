using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;

namespace ForkGuard.Cli.Commands;

/// <summary>
/// The kubeconfig that several files are together, as kubectl merges them: of each name the first counts, and relative paths begin
/// at the file that names them.
/// </summary>
internal static class KubeconfigFiles
{
    /// <exception cref="KubeConfigException">There are no files, or one is not a kubeconfig.</exception>
    internal static K8SConfiguration Load(IReadOnlyList<FileInfo> files)
    {
        if (files.Count == 0)
        {
            throw new KubeConfigException("no such file");
        }

        var all = files.Select(Load).ToList();
        var merged = all[0];
        merged.CurrentContext = all.Select(one => one.CurrentContext).FirstOrDefault(name => name is { Length: > 0 });
        merged.Contexts = Merge(all, one => one.Contexts, context => context.Name);
        merged.Clusters = Merge(all, one => one.Clusters, cluster => cluster.Name);
        merged.Users = Merge(all, one => one.Users, user => user.Name);
        return merged;
    }

    private static K8SConfiguration Load(FileInfo file)
    {
        var configuration = KubernetesClientConfiguration.LoadKubeConfig(file);
        var folder = file.DirectoryName ?? "/";
        foreach (var cluster in configuration.Clusters ?? [])
        {
            if (cluster.ClusterEndpoint is { } endpoint)
            {
                endpoint.CertificateAuthority = Absolute(folder, endpoint.CertificateAuthority);
            }
        }

        foreach (var user in configuration.Users ?? [])
        {
            if (user.UserCredentials is { } credentials)
            {
                credentials.ClientCertificate = Absolute(folder, credentials.ClientCertificate);
                credentials.ClientKey = Absolute(folder, credentials.ClientKey);
            }
        }

        return configuration;
    }

    private static string? Absolute(string folder, string? path) =>
        path is { Length: > 0 } ? Path.Combine(folder, path) : path;

    private static List<T> Merge<T>(
        IEnumerable<K8SConfiguration> all,
        Func<K8SConfiguration, IEnumerable<T>?> listOf,
        Func<T, string> nameOf
    ) => [.. all.SelectMany(one => listOf(one) ?? []).DistinctBy(nameOf, StringComparer.Ordinal)];
}
