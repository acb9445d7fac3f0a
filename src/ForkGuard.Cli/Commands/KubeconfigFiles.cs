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
    /// <summary>The files of a list that exist, as in KUBECONFIG: kubectl ignores the others.</summary>
    internal static IEnumerable<FileInfo> Existing(string paths) =>
        paths
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(File.Exists)
            .Select(path => new FileInfo(path));

    /// <exception cref="KubeConfigException">None of the files exists, or one is not a kubeconfig.</exception>
    internal static K8SConfiguration Load(string paths)
    {
        var all = Existing(paths).Select(Load).ToList();
        if (all.Count == 0)
        {
            throw new KubeConfigException("no such file");
        }

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
