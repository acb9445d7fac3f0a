using System.Net;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace ForkGuard.Cluster.Tests;

/// <summary>The control plane of the tests behaves as a real one, since it is one.</summary>
[Trait("Needs", "Machine")]
public sealed class ControlPlaneTests(ControlPlane cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kubectl_and_the_client_see_the_same_server()
    {
        CommandAnswer answer = await cluster.KubectlAsync("version", "--output=json");

        Assert.Equal(0, answer.ExitCode);
        Assert.Contains($"\"gitVersion\": \"v{cluster.Version}.", answer.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_account_may_do_what_its_role_says_and_no_more()
    {
        string ns = await cluster.CreateNamespaceAsync("limited");
        await GrantAsync(
            ns,
            "reader",
            new()
            {
                ApiGroups = [""],
                Resources = ["pods"],
                Verbs = ["list"],
            }
        );

        IKubernetes reader = await cluster.ClientForAsync(ns, "reader");
        V1PodList pods = await reader.CoreV1.ListNamespacedPodAsync(ns, cancellationToken: Cancelled);
        HttpOperationException refusal = await Assert.ThrowsAsync<HttpOperationException>(() =>
            reader.CoreV1.ListNamespacedSecretAsync(ns, cancellationToken: Cancelled)
        );

        Assert.Empty(pods.Items);
        Assert.Equal(HttpStatusCode.Forbidden, refusal.Response.StatusCode);
        Assert.Contains($"system:serviceaccount:{ns}:reader", refusal.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deployment_gets_its_pods()
    {
        Assert.SkipUnless(cluster.HasControllers, "KUBEBUILDER_ASSETS brings no controllers");
        string ns = await cluster.CreateNamespaceAsync("deployment");
        await cluster.Admin.AppsV1.CreateNamespacedDeploymentAsync(Redis(2), ns, cancellationToken: Cancelled);

        await Condition.HoldsAsync(
            async token => (await PodsAsync(ns, token)).Count == 2,
            "two pods of the deployment",
            cancellationToken: Cancelled
        );

        Assert.All(
            await PodsAsync(ns, Cancelled),
            pod => Assert.Equal("ReplicaSet", Assert.Single(pod.Metadata.OwnerReferences).Kind)
        );
    }

    [Fact]
    public async Task A_custom_resource_of_an_applied_CRD_is_kept()
    {
        string ns = await cluster.CreateNamespaceAsync("custom");

        await cluster.ApplyCrdsAsync(Gauge.Crd);
        CommandAnswer applied = await cluster.KubectlAsync("apply", "--namespace", ns, "-f", Gauge.Good);
        CommandAnswer read = await cluster.KubectlAsync("get", "gauge", "good", "-n", ns, "-o", "jsonpath={.spec.act}");

        Assert.Equal((0, ""), (applied.ExitCode, applied.StandardError));
        Assert.Equal("90", read.StandardOutput);
    }

    [Fact]
    public async Task A_refused_command_says_why()
    {
        CommandAnswer answer = await cluster.KubectlAsync("get", "forks.example.com");

        Assert.NotEqual(0, answer.ExitCode);
        Assert.Contains("forks", answer.StandardError, StringComparison.Ordinal);
    }

    private static V1Deployment Redis(int replicas)
    {
        Dictionary<string, string> labels = new(StringComparer.Ordinal) { ["app"] = "redis" };
        return new()
        {
            Metadata = new() { Name = "redis" },
            Spec = new()
            {
                Replicas = replicas,
                Selector = new() { MatchLabels = labels },
                Template = new()
                {
                    Metadata = new() { Labels = labels },
                    Spec = new() { Containers = [new() { Name = "redis", Image = "redis" }] },
                },
            },
        };
    }

    private async Task<IList<V1Pod>> PodsAsync(string ns, CancellationToken cancellationToken) =>
        (await cluster.Admin.CoreV1.ListNamespacedPodAsync(ns, cancellationToken: cancellationToken)).Items;

    private async Task GrantAsync(string ns, string account, V1PolicyRule rule)
    {
        V1ObjectMeta name = new() { Name = account };
        await cluster.Admin.CoreV1.CreateNamespacedServiceAccountAsync(new() { Metadata = name }, ns);
        var access = cluster.Admin.RbacAuthorizationV1;
        await access.CreateNamespacedRoleAsync(new() { Metadata = name, Rules = [rule] }, ns);
        await access.CreateNamespacedRoleBindingAsync(
            new()
            {
                Metadata = name,
                RoleRef = new()
                {
                    ApiGroup = "rbac.authorization.k8s.io",
                    Kind = "Role",
                    Name = account,
                },
                Subjects =
                [
                    new()
                    {
                        Kind = "ServiceAccount",
                        Name = account,
                        NamespaceProperty = ns,
                    },
                ],
            },
            ns
        );
    }
}
