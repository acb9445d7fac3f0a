using System.Diagnostics;
using ForkGuard.Testing;
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
    private const string Mark = "servers:";

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

    [Fact]
    public async Task Its_servers_die_with_a_test_process_that_is_killed()
    {
        Assert.SkipWhen(cluster.Pids is [], "KUBECONFIG names a cluster, and nothing is started");
        using Process tests = StartExplicitly(nameof(Waits_to_be_killed));
        string[] said;
        try
        {
            said = (await ReadLineAsync(tests, Mark)).Split(' ');
        }
        finally
        {
            tests.Kill();
        }

        int[] pids = [.. said[2..].Select(int.Parse)];
        await Condition.HoldsAsync(() => !pids.Any(IsRunning), "the end of its servers", Cancelled);

        Assert.True(pids.Length >= 2);
        Directory.Delete(Path.GetDirectoryName(said[1])!, recursive: true);
    }

    /// <summary>The test process of the test above.</summary>
    [Fact(Explicit = true)]
    public async Task Waits_to_be_killed()
    {
        await Console.Out.WriteLineAsync($"{Mark} {cluster.Kubeconfig} {string.Join(' ', cluster.Pids)}");
        await Task.Delay(Timeout.InfiniteTimeSpan, Cancelled);
    }

    private static Process StartExplicitly(string test)
    {
        ProcessStartInfo info = new(
            Environment.ProcessPath!,
            ["-explicit", "only", "-method", $"{typeof(LifetimeTests).FullName}.{test}"]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        return Process.Start(info)!;
    }

    private static async Task<string> ReadLineAsync(Process process, string beginning)
    {
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(Cancelled);
        } while (line?.StartsWith(beginning, StringComparison.Ordinal) == false);
        return line ?? throw new InvalidOperationException($"The test process ended without '{beginning}'.");
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
