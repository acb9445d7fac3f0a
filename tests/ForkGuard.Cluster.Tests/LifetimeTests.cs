using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.Cluster.Tests;

/// <summary>The API server comes and goes as a test wants, and nothing of a control plane outlives it.</summary>
[Trait("Needs", "Machine")]
[Collection(nameof(LifetimeTests))]
[CollectionDefinition(nameof(LifetimeTests), DisableParallelization = true)]
public sealed class LifetimeTests(ControlPlane cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_API_server_comes_back_with_its_data()
    {
        string ns = await cluster.CreateNamespaceAsync("kept");

        await cluster.StopApiServerAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => ReadAsync(ns));
        await cluster.StartApiServerAsync();

        V1Namespace found = await ReadAsync(ns);
        Assert.Equal(ns, found.Metadata.Name);
    }

    [Fact]
    public async Task A_control_plane_leaves_neither_processes_nor_files()
    {
        IReadOnlyList<int> pids;
        string folder;
        await using (ControlPlane another = new())
        {
            await another.InitializeAsync();
            pids = another.Pids;
            folder = Path.GetDirectoryName(another.Kubeconfig)!;
            Assert.All(pids, pid => Assert.True(IsRunning(pid)));
        }

        Assert.True(pids.Count >= 2);
        Assert.All(pids, pid => Assert.False(IsRunning(pid)));
        Assert.False(Directory.Exists(folder));
    }

    private static bool IsRunning(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            // Whose parent was killed may wait as a zombie for init.
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private Task<V1Namespace> ReadAsync(string ns) =>
        cluster.Admin.CoreV1.ReadNamespaceAsync(ns, cancellationToken: Cancelled);
}
