using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>The chart, as helm renders it.</summary>
internal static class Chart
{
    /// <summary>What one template becomes in a namespace, as a release of the same name, on a server of today.</summary>
    /// <exception cref="CliWrap.Exceptions.CommandExecutionException">helm refuses; with its words.</exception>
    public static async Task<string> RenderAsync(string template, string ns)
    {
        var helm = Path.Combine(await ClusterPrograms.KubectlHelmAsync(), "helm");
        var result = await Cli.Wrap(helm)
            .WithArguments([
                "template",
                ns,
                Path.Combine(RepositoryPaths.Root, "charts", "forkguard"),
                "--namespace",
                ns,
                "--kube-version=1.36.0",
                // The chart asks for one; no image is pulled.
                "--set=image.registry=registry.example.com",
                "--show-only",
                $"templates/{template}.yaml",
            ])
            .ExecuteBufferedAsync();
        return result.StandardOutput;
    }
}
