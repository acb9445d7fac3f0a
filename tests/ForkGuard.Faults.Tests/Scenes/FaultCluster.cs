using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>A control plane of these tests' own, with the CRDs and two installations that have the roles of config/rbac.</summary>
public sealed class FaultCluster : IAsyncLifetime
{
    /// <summary>The collection of all tests: every controller acts on every watch.</summary>
    internal const string OneAtATime = "faults";

    private readonly ControlPlane _plane = new();

    internal ControlPlane Plane
    {
        get
        {
            Assert.SkipWhen(_plane.Pids.Count == 0, "KUBECONFIG names a cluster that is not the tests' own to break");
            return _plane;
        }
    }

    internal Installation First { get; private set; } = null!;

    internal Installation Second { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _plane.InitializeAsync();
        if (_plane.Pids.Count == 0)
        {
            return;
        }

        await _plane.ApplyCrdsAsync(Path.Combine(RepositoryPaths.Root, "config", "crd"));
        First = await InstallAsync("first");
        Second = await InstallAsync("second");
    }

    public async ValueTask DisposeAsync()
    {
        FaultReport.Write();
        await _plane.DisposeAsync();
    }

    private async Task<Installation> InstallAsync(string prefix)
    {
        var ns = await _plane.CreateNamespaceAsync(prefix);
        var role = Path.Combine(RepositoryPaths.Root, "config", "rbac", "controller.yaml");
        const string Account = Installation.Account;
        await SucceedAsync("create", "serviceaccount", Account, "-n", ns);
        await SucceedAsync("apply", "-n", ns, "-f", role);
        var subject = $"--serviceaccount={ns}:{Account}";
        await SucceedAsync("create", "clusterrolebinding", $"{Account}-{ns}", $"--clusterrole={Account}", subject);
        await SucceedAsync("create", "rolebinding", Account, "-n", ns, $"--role={Account}", subject);
        return new Installation(ns, await _plane.KubeconfigForAsync(ns, Account));
    }

    private async Task SucceedAsync(params string[] arguments)
    {
        var answer = await _plane.KubectlAsync(arguments);
        Assert.True(answer.ExitCode == 0, answer.StandardError);
    }
}
