using CliWrap;
using CliWrap.Buffered;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>The programs of a cluster, which the scripts of tests/cluster build or fetch once and keep in a cache.</summary>
public static class ClusterPrograms
{
    // Whoever comes second waits for the first one's build.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(25);

    /// <summary>The folder with kube-apiserver, kube-controller-manager, kube-scheduler and kubelet; built in about 8 minutes.</summary>
    public static Task<string> KubernetesAsync() => FolderOfAsync("build-kubernetes");

    /// <summary>The folder with etcd.</summary>
    public static Task<string> EtcdAsync() => FolderOfAsync("fetch-etcd");

    /// <summary>The folder with kubectl and helm.</summary>
    public static Task<string> KubectlHelmAsync() => FolderOfAsync("fetch-kubectl-helm");

    /// <summary>The folder with crd-server, the newer server for custom resources; built in about 4 minutes.</summary>
    public static Task<string> CrdServerAsync() => FolderOfAsync("build-crd-server");

    private static async Task<string> FolderOfAsync(string script)
    {
        using CancellationTokenSource limit = new(Limit);
        await using Stream terminal = Console.OpenStandardError();
        StringWriter errors = new();
        // Both: a build of minutes shows where it is, and what went wrong is in the test's report too.
        BufferedCommandResult result = await Cli.Wrap(Path.Combine(RepositoryPaths.Root, "tests", "cluster", script))
            .WithStandardErrorPipe(
                PipeTarget.Merge(PipeTarget.ToStream(terminal), PipeTarget.ToDelegate(errors.WriteLine))
            )
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        return result.ExitCode == 0
            ? result.StandardOutput.Trim()
            : throw new InvalidOperationException($"tests/cluster/{script} failed:\n{errors}");
    }
}
